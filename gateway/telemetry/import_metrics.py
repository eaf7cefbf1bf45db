"""The metrics of imports: what became of their objects, read from the ledgers that ``hilum import`` keeps.

A ledger may know a million objects, so it is not counted while a scrape waits.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.telemetry.reading_apart import ReadApart, gauge_of
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

    def __init__(self, count: Callable[[], Iterable[ImportCount]]) -> None:
        self._counts = ReadApart[Sequence[ImportCount]](lambda: [*count()], [])

    def collect(self) -> Iterator[Metric]:
        """Yield what was counted last."""
        found = self._counts.latest()
        yield gauge_of(OBJECTS, [((each.destination, each.state), each.objects) for each in found])
        yield gauge_of(NOT_STORED, [((each.destination, each.reason), each.objects) for each in found if each.reason])
        yield gauge_of(MESSAGES, [((each.destination,), each.messages) for each in found])
