"""Tracks from its deliveries whether a destination is available: sets a metric, and logs each change.

In commit mode the circuit breaker decides. Relay mode has no breaker: there THRESHOLD failures in a row decide, as many
as open a breaker.
"""

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from gateway.flow.breaker import THRESHOLD
from gateway.observing.destination_record import DestinationRecord
from gateway.telemetry.destination_metrics import DestinationMetrics

log = structlog.get_logger()


class Availability:
    """One per destination and process: relay and commit mode share it."""

    def __init__(
        self,
        destination: str,
        meter: DestinationMetrics,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        record: DestinationRecord | None = None,
    ) -> None:
        self._destination, self._meter, self._clock, self._wall = destination, meter, clock, wall
        self._failures = deque[tuple[float, float]](maxlen=THRESHOLD)
        """When the last failures in a row happened, by the monotonic clock and by the wall clock.

        A breaker also leaves out failures that are due to the message. So that such a failure long ago is not taken for
        the beginning, only as many are kept as make the destination unavailable.
        """
        self._since = self._since_wall = self._ended = 0.0
        """When the last time began in which the destination was not available, by both clocks, and when it ended."""
        self._is_available = True
        self.is_sound = True
        """Whether it is available and the last delivery did not fail: then another success changes nothing."""
        self.record = record or DestinationRecord()
        """What operators see of the destination."""
        meter.available(is_available=True)

    @property
    def is_available(self) -> bool:
        """Whether it has not failed several times in a row."""
        return self._is_available

    def failed(self, *, is_open: bool | None = None) -> bool:
        """Record a failure; return True if the destination has just become unavailable.

        *is_open* is the state of the breaker; when it is None, the number of failures in a row decides.
        """
        self._failures.append((self._clock(), self._wall()))
        self.is_sound = False
        is_lost = len(self._failures) >= THRESHOLD if is_open is None else is_open
        if not is_lost or not self._turn(is_available=False):
            return False
        self._since, self._since_wall = self._failures[0]
        return True

    def took(self) -> bool:
        """Record that the destination has accepted or finally refused a message; return whether it was unavailable."""
        self._failures.clear()
        self.is_sound = True
        if not self._turn(is_available=True):
            return False
        self._ended = self._clock()
        return True

    def tell_unavailable(self, reason: str, **figures: float) -> None:
        """Log that the destination has become unavailable: since when, and why the last message failed."""
        since = datetime.fromtimestamp(self._since_wall, UTC).isoformat().replace("+00:00", "Z")
        log.warning("destination_unavailable", destination=self._destination, since=since, reason=reason, **figures)

    def tell_recovered(self, delivered: int, **figures: int) -> None:
        """Log that the destination is available again: after how many seconds, and how many messages it just stored."""
        seconds = round(self._ended - self._since, 3)
        log.info(
            "destination_recovered",
            destination=self._destination,
            after_seconds=seconds,
            delivered=delivered,
            **figures,
        )

    def _turn(self, *, is_available: bool) -> bool:
        if is_available is self._is_available:
            return False
        self._is_available = is_available
        self._meter.available(is_available=is_available)
        return True
