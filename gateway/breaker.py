"""A circuit breaker: a destination that keeps failing is probed by one message at a time, not hammered."""

from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row. The caller passes the time in, in seconds of any clock."""

    threshold: int = 5
    """Failures in a row that open it."""
    first: float = 1.0
    ceiling: float = 30.0
    """Pauses between probes: the first, doubled with every failed probe, at most the ceiling."""
    _failures: int = 0
    _probe_at: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the destination is being probed only."""
        return self._failures >= self.threshold

    def succeeded(self) -> None:
        """Close: the destination answers, whatever it said of the message."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """Count a failure; when open, put the next probe off."""
        self._failures += 1
        if self.is_open:
            doubled = self.first * 2 ** min(self._failures - self.threshold, 16)
            self._probe_at = now + min(self.ceiling, doubled)

    def room(self, now: float, running: int, concurrency: int) -> int:
        """Return how many more deliveries may start, *running* being under way."""
        if not self.is_open:
            return concurrency - running
        return 1 if running == 0 and now >= self._probe_at else 0

    def wait(self, now: float) -> float:
        """Return the seconds until the next probe may start; 0 when closed."""
        return max(0.0, self._probe_at - now) if self.is_open else 0.0
