"""Remembers which lanes of a destination wait for the spools of other processes, and when to look again.

To look is to read those spools: it may take long where thousands of lanes wait.
"""

from dataclasses import dataclass, replace

from gateway.spool.database.reading.rows import Busy

NEIGHBOUR_SECONDS, MOST_NEIGHBOUR_SECONDS = 0.002, 0.25
"""The pause before the next look; it doubles while nothing comes of it."""
LOOKING_SHARE = 4
"""How many times longer the pause is, at least, than the look before it took: thousands of lanes may wait."""


@dataclass(frozen=True, slots=True)
class Look:
    """What of a destination waits for other processes, as it was when that was looked at."""

    lanes: Busy
    pause: float
    """Seconds until the next look, if nothing else takes longer."""
    again_at: float
    """When to look again, by the loop's clock; until then the lanes count as busy."""


NOTHING_WAITS = Look(frozenset(), 0.0, 0.0)


class Waits:
    """The last look for each destination of which anything waits for another process."""

    def __init__(self) -> None:
        self._looks: dict[str, Look] = {}

    def lanes(self, destination: str, now: float) -> Busy:
        """Return the lanes that wait without another look."""
        last = self._looks.get(destination, NOTHING_WAITS)
        return last.lanes if now < last.again_at else frozenset()

    def note(self, destination: str, lanes: Busy, begun: float, now: float, *, moves: bool) -> None:
        """Keep which *lanes* a look that was *begun* then found to wait, and decide when to look again.

        Something *moves* where the look found an entry that does not wait.
        """
        last = self._looks.get(destination, NOTHING_WAITS)
        if not lanes:
            self._looks.pop(destination, None)
        elif begun < last.again_at:
            self._looks[destination] = replace(last, lanes=lanes)
        else:
            longer = min(max(2 * last.pause, NEIGHBOUR_SECONDS), MOST_NEIGHBOUR_SECONDS)
            pause = NEIGHBOUR_SECONDS if moves else longer
            again_at = now + max(pause, LOOKING_SHARE * (now - begun))
            self._looks[destination] = Look(lanes, pause, again_at)

    def seconds_left(self, destination: str, now: float) -> float | None:
        """Return in how many seconds to look again; None if nothing of the destination waits."""
        last = self._looks.get(destination)
        return None if last is None else max(0.0, last.again_at - now)
