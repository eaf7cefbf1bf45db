"""From what processes observe of their peers to what was heard since the last time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.contract.observed import PeerSeen

Heard = Callable[[str, str, float, int], None]
"""Takes a peer, its listener, when its last message came, and how many came since the last call."""
Key = tuple[str, str]
"""Peer and listener."""


MOST_PROCESSES = 1_000
"""Processes whose counts are remembered: more than may run at a time, since some of them have ended."""


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """What one process observes of its peers now."""

    started_at: float
    """Which process it is: no two of a gateway are started at the same moment."""
    peers: Sequence[PeerSeen]


class Feed:
    """Compares the counts of each process with those it had before; a process counts from its start."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._before: dict[float, dict[Key, int]] = {}

    def take(self, process: ProcessSeen) -> None:
        """Tell what was heard since this process was taken before."""
        before = self._before.pop(process.started_at, {})
        now: dict[Key, int] = {}
        for each in process.peers:
            key, messages, at = (each["peer"], each["listener"]), each["messages"], each["last_message"]
            now[key] = messages
            new = messages - before.get(key, 0)
            if new < 0:  # the process had forgotten the peer, and counts anew
                new = messages
            if new and at is not None:
                self._heard(*key, at, new)
        self._before[process.started_at] = now
        if len(self._before) > MOST_PROCESSES:
            del self._before[next(iter(self._before))]
