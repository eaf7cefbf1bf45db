"""Time that never runs backwards, whatever is done to the machine's clock."""

from collections.abc import Callable

Clock = Callable[[], float]
"""Epoch seconds."""


class SteadyClock:
    """Follows *clock*; where that is stepped back, goes on from where it was.

    Pauses, duplicate windows and retention are measured with it. The spool keeps the last reading, so that a
    step back while the gateway is down does not stall anything either.
    """

    def __init__(self, clock: Clock, last: float = 0.0) -> None:
        self._clock = clock
        self._ahead = 0.0
        self.last = last
        self.now()

    def now(self) -> float:
        """Return a reading not before any earlier one."""
        reading = self._clock()
        if reading + self._ahead < self.last:
            self._ahead = self.last - reading
        self.last = max(self.last, reading + self._ahead)
        return self.last
