"""Time that neither runs backwards nor jumps, whatever is done to the machine's clock."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Epoch seconds."""


def elapsed_of(clock: Clock) -> Clock:
    """Return the clock that counts seconds beside *clock*: for the machine's own, the time since the machine started.

    That time goes on while the machine sleeps, and nobody can set it. For any other clock it is *clock* itself.
    """
    return _since_boot if clock is time.time else clock


def resume(last: float, wall_then: float | None, wall_now: float) -> float:
    """Return where a steady clock goes on that read *last* when the wall clock read *wall_then*.

    Only the wall clock can tell how much time has passed since; if it was set back meanwhile, no time is counted.
    """
    return max(last, wall_now) if wall_then is None else last + max(0.0, wall_now - wall_then)


class SteadyClock:
    """Goes on from *start* by the seconds that *elapsed* counts; after a step back, from its last reading.

    Pauses, ages, duplicate windows and retention are measured with it. The spool keeps the last reading, so that a
    step back while the gateway is down does not stall anything either.
    """

    def __init__(self, start: float, elapsed: Clock) -> None:
        self._elapsed = elapsed
        self._ahead = start - elapsed()
        self.last = start

    def now(self) -> float:
        """Return a reading not before any earlier one."""
        reading = self._elapsed() + self._ahead
        if reading < self.last:
            self._ahead += self.last - reading
        self.last = max(self.last, reading)
        return self.last

    def moment(self, reading: float) -> float:
        """Convert a reading to the clock *elapsed*, which all steady clocks of one process share."""
        self.now()
        return reading - self._ahead


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
