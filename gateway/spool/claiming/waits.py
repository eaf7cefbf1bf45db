"""Remembers which ordering keys and identities wait for the spools of other processes, and when to look again.

A look reads those spools, which may take long if thousands of keys wait.
"""

from dataclasses import dataclass, replace

from gateway.spool.database.reading.rows import Busy

NEIGHBOUR_SECONDS, MOST_NEIGHBOUR_SECONDS = 0.002, 0.25
"""The pause between two looks, and the longest one: the pause doubles while a look finds nothing to deliver."""
LOOKING_SHARE = 4
"""The pause is at least this many times as long as the look before it took: thousands of keys may wait."""


@dataclass(frozen=True, slots=True)
class Look:
    """What of a destination waited for other processes at the last look."""

    queues: Busy
    pause: float
    """Seconds until the next look, if nothing else takes longer."""
    again_at: float
    """When to look again, by the event loop's clock; until then the keys and identities count as busy."""


NOTHING_WAITS = Look(frozenset(), 0.0, 0.0)


class Waits:
    """The last look for each destination of which anything waits for another process."""

    def __init__(self) -> None:
        self._looks: dict[str, Look] = {}

    def queues(self, destination: str, now: float) -> Busy:
        """Return the ordering keys and identities that count as waiting until the next look is due."""
        last = self._looks.get(destination, NOTHING_WAITS)
        return last.queues if now < last.again_at else frozenset()

    def note(self, destination: str, queues: Busy, begun: float, now: float, *, moves: bool) -> None:
        """Keep which *queues* a look found to wait, and decide when to look again.

        The look began at *begun* and ended at *now*; *moves* says whether it found an entry that does not wait.
        """
        last = self._looks.get(destination, NOTHING_WAITS)
        if not queues:
            self._looks.pop(destination, None)
        elif begun < last.again_at:
            self._looks[destination] = replace(last, queues=queues)
        else:
            longer = min(max(2 * last.pause, NEIGHBOUR_SECONDS), MOST_NEIGHBOUR_SECONDS)
            pause = NEIGHBOUR_SECONDS if moves else longer
            again_at = now + max(pause, LOOKING_SHARE * (now - begun))
            self._looks[destination] = Look(queues, pause, again_at)

    def seconds_left(self, destination: str, now: float) -> float | None:
        """Return in how many seconds to look again; None if nothing of the destination waits."""
        last = self._looks.get(destination)
        return None if last is None else max(0.0, last.again_at - now)
