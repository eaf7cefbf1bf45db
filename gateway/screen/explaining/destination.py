"""A destination in words: whether it fails and why, how fast it is, what waits for it, what it refused."""

from collections.abc import Iterator, Mapping, Sequence

from gateway.contract.explained import Explanation, Part, part
from gateway.contract.observed import Case, DestinationSeen, Observed
from gateway.screen.explaining.cases import mends_of, of_subject, parts_of
from gateway.screen.explaining.wording import moment, name_of, seconds, several

LARGE_SKEW = 5.0
MOST = 10


def explain_destination(name: str, observed: Observed, cases: Sequence[Case], now: float) -> Explanation:
    """Explain what happened to a destination."""
    found = observed["destinations"].get(name)
    own = of_subject(cases, "destination", name)
    if found is None:
        names = ", ".join(sorted(observed["destinations"])) or "none"
        parts = [part(f"There is no destination of this name; there are: {names}.")]
    else:
        head = part(f"{name} ({found['kind']}, {found['address']}):", *_state(found), *_speed(found))
        parts = [head, *parts_of(own), _waiting(found, observed["parked"].get(name, {}))]
        if found["refused"]:
            parts.append(part("It refused, since the start:", table=_refused(found["refused"])))
        if found["poison"]:
            parts.append(part("It takes other messages, and not these:", table=_poison(found["poison"])))
    return Explanation(
        at=now,
        subject_kind="destination",
        subject=name,
        found=found is not None,
        parts=parts,
        mends=list(dict.fromkeys(mends_of(own))),
    )


def _state(found: DestinationSeen) -> Iterator[str]:
    failing = found["failing"]
    if failing is not None:
        tries = several(failing["count"], "time")
        yield (
            f"It has failed since {moment(failing['since'])}, {tries} in a row, the last at {moment(failing['last'])}: "
            f"{failing['reason']}."
        )
    if found["next_try"] is not None:
        yield f"The next try is at {moment(found['next_try'])}."
    if found["last_success"] is not None:
        yield f"It took the last message at {moment(found['last_success'])}; {found['delivered']} since the start."
    else:
        yield "It has taken no message since the start."


def _speed(found: DestinationSeen) -> Iterator[str]:
    phases = found["phases"]
    if phases is not None:
        yield (
            f"An exchange lately takes {seconds(phases['connect'])} to connect, {seconds(phases['wait'])} until it "
            f"answers (usually {seconds(phases['usual_wait'])}), {seconds(phases['transfer'])} to transfer."
        )
    skew = found["clock_skew"]
    if skew is not None and abs(skew) >= LARGE_SKEW:
        yield f"Our clock is {seconds(abs(skew))} {'ahead of' if skew > 0 else 'behind'} its clock."


def _waiting(found: DestinationSeen, parked: Mapping[str, int]) -> Part:
    if not found["waiting"] + found["parked"]:
        return part("Nothing waits for it.")
    since = f"; the oldest came at {moment(found['oldest'])}" if found["oldest"] is not None else ""
    title = f"{several(found['waiting'], 'message')} wait for it and {found['parked']} are parked{since}."
    table = [[str(count), "parked", reason] for reason, count in _most(parked)]
    return part(title, table=table)


def _refused(refused: Mapping[str, int]) -> list[list[str]]:
    rows = []
    for what, count in _most(refused):
        kind, _, code = what.rpartition("/")
        rows.append([str(count), name_of(kind) if kind[:1].isdigit() else kind, code])
    return rows


def _poison(poison: Mapping[str, int]) -> list[list[str]]:
    return [[message_id, several(tries, "try", "tries")] for message_id, tries in _most(poison)]


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST]
