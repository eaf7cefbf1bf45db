"""Metrics that are read from files: in a thread, at most every few seconds; a scrape shows what was read last."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from gateway.telemetry.registry import Family

Numbers = TypeVar("Numbers")
SECONDS = 10.0
"""How old the numbers are at most when they are read again."""


class ReadApart(Generic[Numbers]):
    """Reads with *read*; before that has returned for the first time there is *nothing*."""

    def __init__(
        self, read: Callable[[], Numbers], nothing: Numbers, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._found = nothing
        self._at: float | None = None
        self._reading = threading.Lock()

    def latest(self) -> Numbers:
        """Return what was read last; if that is old, read again meanwhile."""
        found = self._found
        if self._at is None or self._clock() >= self._at + SECONDS:
            threading.Thread(target=self.now, name="metrics-of-files", daemon=True).start()
        return found

    def now(self) -> None:
        """Read now, unless that is being done."""
        if not self._reading.acquire(blocking=False):
            return
        try:
            self._at = self._clock()
            self._found = self._read()
        finally:
            self._reading.release()


def gauge_of(family: Family, samples: Iterable[tuple[tuple[str, ...], int]]) -> Metric:
    """Return a gauge; samples with the same labels are added."""
    sums: dict[tuple[str, ...], int] = {}
    for labels, number in samples:
        sums[labels] = sums.get(labels, 0) + number
    made = GaugeMetricFamily(family.name, family.text, labels=family.labels)
    for labels, number in sums.items():
        made.add_metric(list(labels), number)
    return made
