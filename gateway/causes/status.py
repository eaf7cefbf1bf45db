"""The status: one sentence, the cases, the destinations, and the peers that are not as usual."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from gateway.causes.cases import cases_of
from gateway.causes.rows import LEVELS
from gateway.causes.sentence import counts_of, sentence_of
from gateway.causes.site import Site
from gateway.causes.wording import plain
from gateway.contract.observed import Case, Observed, PeerSeen, Status

USUAL = "usual"
"""The state of a row without a case."""
NOTHING_YET = Site()


def status(observed: Observed, site: Site = NOTHING_YET) -> Status:
    """Return what the first screen and ``hilum status`` show; a pure function of what was observed."""
    cases = cases_of(observed, site)
    destinations = _destinations(observed, cases)
    peers = _peers(observed["peers"], cases)
    levels = {each["level"] for each in cases}
    return Status(
        at=observed["at"],
        gateway=site.gateway,
        version=observed["version"],
        sentence=sentence_of(cases),
        counts=counts_of(observed),
        level=next((each for each in LEVELS if each in levels), "green"),
        needs_somebody=not levels <= {"blue"},
        cases=cases,
        destinations=destinations,
        peers=peers,
        usual_destinations=sum(each["state"] == USUAL for each in destinations),
        usual_peers=len(_senders(observed["peers"]) - {each["peer"] for each in peers}),
    )


def _senders(peers: Iterable[PeerSeen]) -> set[object]:
    """Return the names of all that have sent a message: one that was only turned away is not as usual."""
    return {plain(each["peer"]) for each in peers if each["messages"]}


def _worst_by_subject(cases: Iterable[Case], kind: str) -> Mapping[str, Case]:
    """Return the most urgent case of each subject; they come in that order."""
    found: dict[str, Case] = {}
    for each in cases:
        if each["subject_kind"] == kind:
            found.setdefault(each["subject"], each)
    return found


def _destinations(observed: Observed, cases: Iterable[Case]) -> list[dict[str, object]]:
    worst = _worst_by_subject(cases, "destination")
    rows: list[dict[str, object]] = []
    for name, seen in observed["destinations"].items():
        case = worst.get(name)
        rows.append(
            {
                "name": name,
                "state": USUAL if case is None else case["state"],
                "words": _words_of_usual(seen["last_success"]) if case is None else case["why"],
                "waiting": seen["waiting"],
                "parked": seen["parked"],
                "last_success": seen["last_success"],
                "address": plain(seen["address"]),
                "rate": None,
            }
        )
    return sorted(rows, key=lambda each: each["state"] == USUAL)


def _words_of_usual(last_success: float | None) -> str:
    return "takes messages" if last_success is not None else "nothing was sent to it yet"


def _peers(peers: Iterable[PeerSeen], cases: Iterable[Case]) -> list[dict[str, object]]:
    seen: defaultdict[str, list[PeerSeen]] = defaultdict(list)
    for each in peers:
        seen[plain(each["peer"])].append(each)
    rows: list[dict[str, object]] = []
    for name, case in _worst_by_subject(cases, "peer").items():
        latest = max(seen[name], key=lambda each: each["last_message"] or 0.0, default=None)
        rows.append(
            {
                "peer": name,
                "listener": "" if latest is None else latest["listener"],
                "state": case["state"],
                "words": case["title"],
                "last_message": None if latest is None else latest["last_message"],
                "address": "" if latest is None else plain(latest["address"]),
            }
        )
    return rows
