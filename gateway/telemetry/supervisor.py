"""What the supervisor counts beside its workers."""

from prometheus_client import CollectorRegistry, generate_latest

from gateway.telemetry.metrics import Family, dropped_log_lines
from gateway.telemetry.tallies import Tallies

DIED, HUNG, NOT_STARTED = "died", "hung", "not_started"
"""Why a worker has to be started anew."""
RESTARTS = Family("hilum_worker_restarts_total", "counter", "Times that a worker had to be started anew", ("reason",))


class SupervisorMetrics:
    """Each reason is present from the start, at 0."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._restarts = Tallies(RESTARTS.name.removesuffix("_total"), RESTARTS.text, RESTARTS.labels)
        self._registry.register(self._restarts)
        self._registry.register(dropped_log_lines())
        for reason in (DIED, HUNG, NOT_STARTED):
            self._restarts.of(reason)

    def restarts(self, reason: str) -> None:
        """Count that a worker has to be started anew."""
        self._restarts.of(reason).value += 1

    def render(self) -> str:
        """Return them in the Prometheus text format."""
        return generate_latest(self._registry).decode()
