"""How many peers are silent, as a metric."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge

from gateway.telemetry.registry import Family

SILENT_PEERS = Family(
    "hilum_silent_peers", "gauge", "Peers by how their silence is judged: see docs/silence.md", ("state",)
)


class SilenceMetrics:
    """The gauge of the process that judges the peers of the gateway; others show none."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._gauge = Gauge(SILENT_PEERS.name, SILENT_PEERS.text, SILENT_PEERS.labels, registry=registry)

    def show(self, counts: Mapping[str, int]) -> None:
        """Set how many peers are in each state."""
        for state, count in counts.items():
            self._gauge.labels(state).set(count)
