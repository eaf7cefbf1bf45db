"""All peers: those that are not as usual first, then those that were heard last."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.contract.observed import Case, Observed, PeerSeen, SilenceSeen, Status

QUIET = ("learning", "expected")
"""States of silence that are shown although nobody has to do anything."""


@dataclass(frozen=True, slots=True)
class PeerRow:
    """One peer at one listener."""

    seen: PeerSeen
    state: str
    words: str
    silence: SilenceSeen | None
    cases: tuple[Case, ...]
    """What is the matter with it now."""

    @property
    def usual_gap(self) -> float | None:
        """The usual gap between its messages, in seconds."""
        return None if self.silence is None else self.silence["usual_gap"]

    @property
    def is_usual(self) -> bool:
        """Whether nothing has to be done."""
        return not self.cases


def peer_rows(observed: Observed, status: Status, text: str = "", *, only_unusual: bool = False) -> list[PeerRow]:
    """Return the peers whose name, listener or address has *text*."""
    silences = {(each["peer"], each["listener"]): each for each in observed["silence"]}
    cases = _cases_by_peer(status)
    rows = [_row(each, silences, cases, status) for each in observed["peers"]]
    wanted = text.casefold()
    kept = [row for row in rows if _has(row.seen, wanted) and not (only_unusual and row.is_usual)]
    return sorted(kept, key=_order)


def rows_of(observed: Observed, status: Status, peer: str, listener: str | None = None) -> list[PeerRow]:
    """Return the rows of one peer: one for each listener to which it has connected, or for one of them."""
    rows = [row for row in peer_rows(observed, status) if row.seen["peer"] == peer]
    return [row for row in rows if listener in (None, row.seen["listener"])]


def _row(
    seen: PeerSeen,
    silences: Mapping[tuple[str, str], SilenceSeen],
    cases: Mapping[str, list[Case]],
    status: Status,
) -> PeerRow:
    silence = silences.get((seen["peer"], seen["listener"]))
    own = tuple(cases.get(seen["peer"], ())) if _is_named(seen, status) else ()
    state = own[0]["state"] if own else _quiet(silence)
    noticed = f"{len(seen['notices'])} noticed" if seen["notices"] else ""
    return PeerRow(seen, state, own[0]["title"] if own else noticed, silence, own)


def _quiet(silence: SilenceSeen | None) -> str:
    return silence["state"] if silence is not None and silence["state"] in QUIET else "usual"


def _is_named(seen: PeerSeen, status: Status) -> bool:
    """Whether the status names this peer at this listener; a case says nothing of the listener itself."""
    rows = [row for row in status["peers"] if row["peer"] == seen["peer"]]
    return any(row.get("listener") in (seen["listener"], "", None) for row in rows)


def _cases_by_peer(status: Status) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for each in status["cases"]:
        if each["subject_kind"] == "peer":
            found.setdefault(each["subject"], []).append(each)
    return found


def _has(seen: PeerSeen, text: str) -> bool:
    return any(text in each.casefold() for each in (seen["peer"], seen["listener"], seen["address"]))


def _order(row: PeerRow) -> tuple[bool, bool, float, str, str]:
    seen = row.seen
    return row.is_usual, not seen["notices"], -(seen["last_message"] or 0.0), seen["peer"], seen["listener"]
