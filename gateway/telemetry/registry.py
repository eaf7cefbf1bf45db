"""The registry of one process's metrics: makes metric families, lists them, renders them."""

from typing import Literal, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from prometheus_client.registry import Collector

from gateway.telemetry.families import CounterFamily, HistogramFamily

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Family(NamedTuple):
    """Definition of a metric family; docs/reference/metrics.md is generated from these."""

    name: str
    """The name in ``/metrics``."""
    kind: Literal["counter", "gauge", "histogram"]
    text: str
    labels: tuple[str, ...] = ()


class Registry:
    """Metric families that no other registry has: metrics are not global."""

    def __init__(self) -> None:
        self.families: list[Family] = []
        """All families, also those without a sample yet."""
        self._registry = CollectorRegistry()
        # A second registry: for the client library hilum_connections and hilum_connections_total are the same name.
        self._second = CollectorRegistry()
        ProcessCollector(registry=self._registry)

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """Make a counter of the client library."""
        self.families.append(Family(f"{name}_total", "counter", text, labels))
        return Counter(name, text, labels, registry=self._registry)

    def tallies(self, name: str, text: str, *labels: str) -> CounterFamily:
        """Make a fast counter, for what happens with every message."""
        self.families.append(Family(f"{name}_total", "counter", text, labels))
        tallies = CounterFamily(name, text, labels)
        self._registry.register(tallies)
        return tallies

    def spreads(self, name: str, text: str, *labels: str) -> HistogramFamily:
        """Make a fast histogram of seconds."""
        self.families.append(Family(name, "histogram", text, labels))
        spreads = HistogramFamily(name, text, labels, SECONDS)
        self._registry.register(spreads)
        return spreads

    def gauge(self, name: str, text: str, *labels: str, is_also_a_counter: bool = False) -> Gauge:
        """Make a gauge; *is_also_a_counter* says that there is a counter of the same name."""
        self.families.append(Family(name, "gauge", text, labels))
        return Gauge(name, text, labels, registry=self._second if is_also_a_counter else self._registry)

    def later_gauge(self, family: Family) -> Gauge:
        """Make the gauge of a *family* that was listed before it had a value."""
        return Gauge(family.name, family.text, family.labels, registry=self._registry)

    @property
    def of_library(self) -> CollectorRegistry:
        """The registry of the client library, for a group of metrics that registers itself."""
        return self._registry

    def register(self, collector: Collector) -> None:
        """Add what is collected only when the metrics are read."""
        self._registry.register(collector)

    def render(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry) + generate_latest(self._second)
