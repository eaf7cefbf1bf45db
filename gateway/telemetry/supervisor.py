"""The supervisor's own metrics, in addition to those of its workers."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from gateway.telemetry.families import CounterFamily
from gateway.telemetry.metrics import CASES, dropped_log_lines
from gateway.telemetry.registry import Family
from gateway.telemetry.silence_metrics import SilenceMetrics

DIED, HUNG, NOT_STARTED = "died", "hung", "not_started"
"""Reasons for a restart of a worker."""
RESTARTS = Family("hilum_worker_restarts_total", "counter", "Restarts of workers", ("reason",))


class SupervisorMetrics:
    """The metrics of the supervisor. Each reason is present from the start, with the value 0."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._restarts = CounterFamily(RESTARTS.name.removesuffix("_total"), RESTARTS.text, RESTARTS.labels)
        self._registry.register(self._restarts)
        self._registry.register(dropped_log_lines())
        self.silence = SilenceMetrics(self._registry)
        self._cases = Gauge(CASES.name, CASES.text, CASES.labels, registry=self._registry)
        for reason in (DIED, HUNG, NOT_STARTED):
            self._restarts.of(reason)

    def restarts(self, reason: str) -> None:
        """Count one restart of a worker."""
        self._restarts.of(reason).value += 1

    def cases(self, level: str, cause: str, count: int) -> None:
        """Show how many cases of a level and a cause there are."""
        self._cases.labels(level, cause).set(count)

    def render(self) -> str:
        """Return the metrics in the Prometheus text format."""
        return generate_latest(self._registry).decode()
