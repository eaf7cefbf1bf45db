"""What is known of one peer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.contract.causes import Cause, Diagnosis
from gateway.contract.journal import printable
from gateway.contract.observed import NoticeSeen, PeerSeen

MOST_NOTICES = 20
"""Notices that are kept of a peer; beyond them, the one that was repeated longest ago is dropped."""
MOST_DETAILS, LONGEST_DETAIL = 12, 256

MEASURED = frozenset({"seconds", "took", "rate", "connections", "peers", "count", "octets", "offset", "proposed"})
"""Details that are measured: a notice with other values of these is the same notice, and has the latest values."""

STORED = frozenset({"stored", "committed"})


@dataclass(slots=True)
class PeerRecord:
    """Counts and notices of one peer at one listener."""

    listener: str
    peer: str
    peer_ip: str
    last_message: float | None = None
    messages: int = 0
    stored: int = 0
    refused: int = 0
    unavailable: int = 0
    duplicates: int = 0
    _notices: dict[tuple[str, ...], NoticeSeen] = field(default_factory=dict)  # that which was repeated last is last

    def count(self, outcome: str, count: int, now: float) -> None:
        """Count *count* messages with the same *outcome*, a word of ``contract.journal.Row``."""
        self.messages += count
        if outcome in STORED:
            self.stored += count
        elif outcome == "refused":
            self.refused += count
        elif outcome == "unavailable":
            self.unavailable += count
        elif outcome == "duplicate":  # the peer is told that it is stored
            self.stored += count
            self.duplicates += count
            self.notice(Diagnosis(Cause.DUPLICATES), now, count)

    def notice(self, diagnosis: Diagnosis, now: float, count: int = 1) -> None:
        """Record what was noticed, *count* times."""
        details = _cleaned(diagnosis.details)
        cause = diagnosis.cause.value
        key = cause, *(f"{name}={value}" for name, value in sorted(details.items()) if name not in MEASURED)
        noticed = self._notices.pop(key, None)
        if noticed is None:
            noticed = NoticeSeen(cause=cause, details=details, listener=self.listener, first=now, last=now, count=0)
            if len(self._notices) >= MOST_NOTICES:
                del self._notices[next(iter(self._notices))]
        noticed["details"], noticed["last"] = details, now
        noticed["count"] += count
        self._notices[key] = noticed

    def seen(self, connections: int) -> PeerSeen:
        """Return a copy for others, with the number of open connections."""
        return PeerSeen(
            peer=self.peer,
            listener=self.listener,
            address=self.peer_ip,
            connections=connections,
            last_message=self.last_message,
            messages=self.messages,
            stored=self.stored,
            refused=self.refused,
            unavailable=self.unavailable,
            duplicates=self.duplicates,
            notices=[each.copy() for each in reversed(self._notices.values())],
        )


def _cleaned(details: Mapping[str, str]) -> dict[str, str]:
    return {name: printable(value, LONGEST_DETAIL) for name, value in list(details.items())[:MOST_DETAILS]}
