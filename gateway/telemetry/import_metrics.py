"""The metrics of imports: what became of their objects, read from the ledgers that ``hilum import`` keeps.

A ledger may know a million objects, so it is counted in a thread of its own, at most every few seconds; a scrape shows
what was counted last.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.telemetry.registry import Family

OBJECTS = Family("hilum_import_objects", "gauge", "Objects that hilum import knows of", ("destination", "state"))
NOT_STORED = Family(
    "hilum_import_not_stored_objects",
    "gauge",
    "Objects that hilum import could not store, by the sort of their first reason",
    ("destination", "reason"),
)
MESSAGES = Family("hilum_import_stored_messages", "gauge", "Messages that hilum import has stored", ("destination",))
IMPORT_FAMILIES = (OBJECTS, NOT_STORED, MESSAGES)
SECONDS = 10.0
"""How old the numbers are at most when they are counted again."""


@dataclass(frozen=True, slots=True)
class ImportCount:
    """Objects of one destination with the same state and the same sort of reason."""

    destination: str
    state: str
    reason: str
    """The sort of the first reason why they are not stored; empty for those that are."""
    objects: int
    messages: int


class ImportMetrics(Collector):
    """Shows what *count* returns."""

    def __init__(self, count: Callable[[], Iterable[ImportCount]], clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._clock = count, clock
        self._found: list[ImportCount] = []
        self._at: float | None = None
        self._counting = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted last; if that is old, count again meanwhile."""
        if self._at is None or self._clock() >= self._at + SECONDS:
            threading.Thread(target=self.count, name="import-metrics", daemon=True).start()
        found = self._found
        yield _family(OBJECTS, [((each.destination, each.state), each.objects) for each in found])
        yield _family(NOT_STORED, [((each.destination, each.reason), each.objects) for each in found if each.reason])
        yield _family(MESSAGES, [((each.destination,), each.messages) for each in found])

    def count(self) -> None:
        """Count now, unless that is being done."""
        if not self._counting.acquire(blocking=False):
            return
        try:
            self._at = self._clock()
            self._found = [*self._count()]
        finally:
            self._counting.release()


def _family(family: Family, samples: Iterable[tuple[tuple[str, ...], int]]) -> Metric:
    sums: dict[tuple[str, ...], int] = {}
    for labels, number in samples:
        sums[labels] = sums.get(labels, 0) + number
    made = GaugeMetricFamily(family.name, family.text, labels=family.labels)
    for labels, number in sums.items():
        made.add_metric(list(labels), number)
    return made
