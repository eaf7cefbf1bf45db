"""A circuit breaker: a destination that keeps failing gets one message at a time, as a probe.

A message that fails again after the destination has taken others is itself the cause, so its failure does not count
towards opening the breaker. Otherwise a few messages that no store can take would stop all others.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

THRESHOLD = 5
MOST_REMEMBERED = 10_000
"""Most failing messages to remember; when there are more, those that failed first are forgotten."""


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row. The caller passes the current time, in seconds of any clock."""

    threshold: int = THRESHOLD
    """Failures in a row that open the breaker."""
    first: float = 1.0
    ceiling: float = 30.0
    """Seconds between probes: *first*, doubled after every failed probe up to *ceiling*."""
    _failures: int = 0
    _probe_at: float = 0.0
    _successes: int = 0
    _failing: dict[str, int] = field(default_factory=dict)
    """Each failing message, with the value of ``_successes`` when it failed first."""

    @property
    def is_open(self) -> bool:
        """Whether the breaker is open: the destination gets only probes."""
        return self._failures >= self.threshold

    def succeeded(self, names: Collection[str]) -> None:
        """Close the breaker: the destination has accepted or finally refused the messages with these *names*."""
        self._failures = 0
        self._successes += 1
        for name in names:
            self._failing.pop(name, None)

    def failed(self, names: Collection[str], now: float) -> None:
        """Count the failure of a request with the messages of these *names*; if open, delay the next probe."""
        if self._is_their_own(names):
            self._probe_at = max(self._probe_at, now + self.first)  # not the destination's fault
            return
        if self.is_open and now < self._probe_at:
            return  # sent before the breaker opened
        self._failures += 1
        if self.is_open:
            doubled = self.first * 2 ** min(self._failures - self.threshold, 16)
            self._probe_at = now + min(self.ceiling, doubled)

    def _is_their_own(self, names: Collection[str]) -> bool:
        """Whether each message has failed before and others have succeeded since; also record these failures."""
        for name in names:
            self._failing.setdefault(name, self._successes)
        while len(self._failing) > MOST_REMEMBERED:
            del self._failing[next(iter(self._failing))]
        return all(self._failing.get(name, self._successes) < self._successes for name in names)

    def room(self, now: float, running: int, concurrency: int) -> int:
        """Return how many more deliveries may start while *running* are in progress."""
        if not self.is_open:
            return concurrency - running
        return 1 if running == 0 and now >= self._probe_at else 0

    def wait(self, now: float) -> float:
        """Return the seconds until the next probe may start; 0 when the breaker is closed."""
        return max(0.0, self._probe_at - now) if self.is_open else 0.0
