"""A circuit breaker: a destination that keeps failing is probed by one message at a time, not hammered.

A message that failed, and is still failing after the destination has taken others, is the trouble of that message: it
opens nothing. Otherwise a few messages that no store can take would stop all others.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

THRESHOLD = 5
MOST_REMEMBERED = 10_000
"""Failing messages that are told apart; of more than that the first are forgotten."""


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row. The caller passes the time in, in seconds of any clock."""

    threshold: int = THRESHOLD
    """Failures in a row that open it."""
    first: float = 1.0
    ceiling: float = 30.0
    """Pauses between probes: the first, doubled with every failed probe, at most the ceiling."""
    _failures: int = 0
    _probe_at: float = 0.0
    _successes: int = 0
    _failing: dict[str, int] = field(default_factory=dict)
    """Each message that fails, and how many successes there had been when it failed first."""

    @property
    def is_open(self) -> bool:
        """Whether the destination is being probed only."""
        return self._failures >= self.threshold

    def succeeded(self, names: Collection[str]) -> None:
        """Close: the destination answers, whatever it said of the messages of these *names*."""
        self._failures = 0
        self._successes += 1
        for name in names:
            self._failing.pop(name, None)

    def failed(self, names: Collection[str], now: float) -> None:
        """Count the failure of a request with the messages of these *names*; when open, put the next probe off."""
        if self._is_their_own(names):
            self._probe_at = max(self._probe_at, now + self.first)  # that says nothing about the destination
            return
        if self.is_open and now < self._probe_at:
            return  # under way since before it opened
        self._failures += 1
        if self.is_open:
            doubled = self.first * 2 ** min(self._failures - self.threshold, 16)
            self._probe_at = now + min(self.ceiling, doubled)

    def _is_their_own(self, names: Collection[str]) -> bool:
        """Whether each of the messages has failed before and others have succeeded since; remember those that fail."""
        for name in names:
            self._failing.setdefault(name, self._successes)
        while len(self._failing) > MOST_REMEMBERED:
            del self._failing[next(iter(self._failing))]
        return all(self._failing.get(name, self._successes) < self._successes for name in names)

    def room(self, now: float, running: int, concurrency: int) -> int:
        """Return how many more deliveries may start, *running* being under way."""
        if not self.is_open:
            return concurrency - running
        return 1 if running == 0 and now >= self._probe_at else 0

    def wait(self, now: float) -> float:
        """Return the seconds until the next probe may start; 0 when closed."""
        return max(0.0, self._probe_at - now) if self.is_open else 0.0
