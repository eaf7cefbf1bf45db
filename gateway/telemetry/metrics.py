"""All metrics of a gateway process. Label children are looked up once, not for each message."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from gateway import __version__
from gateway.contract.associations import Association
from gateway.contract.causes import Notice
from gateway.contract.journal import Record, record_nothing
from gateway.contract.kind import ExchangeCounter, StepCounter
from gateway.contract.pipeline import Progress
from gateway.spool.interface import Space, Total
from gateway.telemetry.audit_metrics import AuditMetrics
from gateway.telemetry.destination_metrics import DestinationFamilies, DestinationMetrics
from gateway.telemetry.families import CounterFamily, Reading
from gateway.telemetry.import_metrics import IMPORT_FAMILIES, ImportCount, ImportMetrics
from gateway.telemetry.listener_metrics import ListenerFamilies, ListenerMetrics
from gateway.telemetry.log import dropped_lines
from gateway.telemetry.pipeline_metrics import PIPELINE_FAMILIES, PipelineMetrics
from gateway.telemetry.registry import Family, Registry
from gateway.telemetry.silence_metrics import SILENT_PEERS, SilenceMetrics
from gateway.telemetry.sources import Sources
from gateway.telemetry.spool_metrics import SpoolMetrics

OF_STEP = ("step", "result")
OF_EXCHANGE = ("destination", "result")
IN_FLIGHT_BYTES = Family("hilum_in_flight_bytes", "gauge", "Octets of messages held in memory")
DROPPED_LINES = Family(
    "hilum_log_lines_dropped_total", "counter", "Log lines dropped because they could not be written in time"
)

JOURNAL_DROPPED = Family(
    "hilum_journal_dropped_total",
    "counter",
    "Messages that are missing in the journal because it could not be written in time, or not at all",
)
CASES = Family("hilum_cases", "gauge", "Cases that operators see, by level and cause", ("level", "cause"))


class Metrics:
    """The metric families of one gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.tell_notice: Callable[[str, Notice], None] = lambda _, __: None
        """Takes what listeners notice of peers; the composition root sets it before it makes the listeners."""
        self.tell_opened: Callable[[str, str], None] = lambda _, __: None
        self.tell_closed: Callable[[str, str], None] = lambda _, __: None
        """These take listeners and the addresses (``ip:port``) of connections that open and end; set likewise."""
        registry = self._registry = Registry()
        self.keep_association: Callable[[Association], None] = lambda _: None
        """Takes the associations of all listeners; the composition root sets it before it binds them."""
        self.record: Record = record_nothing
        """Takes what became of messages, from the listeners and destinations that are opened after it is set."""
        self._of_kinds: dict[str, CounterFamily] = {}
        self._of_listeners = ListenerFamilies(registry)
        self._of_destinations = DestinationFamilies(registry)
        self._of_spool = SpoolMetrics(registry)
        self.encrypted = registry.gauge(
            "hilum_listener_encrypted", "1 if the listener uses TLS, otherwise 0", "listener"
        )
        self.certificate_expiry = registry.gauge(
            "hilum_certificate_expiry_timestamp_seconds",
            "Expiry time of the listener's certificate, in seconds since the epoch",
            "listener",
        )
        self.certificate_expiry_old = registry.gauge(
            "hilum_certificate_expiry_seconds",
            "Old name of hilum_certificate_expiry_timestamp_seconds, for this release only",
            "listener",
        )
        self.tls_failures = registry.counter(
            "hilum_tls_reload_failures",
            "Changed TLS files that were not valid, so that the old ones stay in use",
            "place",
        )
        self.task_restarts = registry.counter("hilum_task_restarts", "Restarts of parts of the gateway", "task")
        self.audit_events = registry.counter("hilum_audit_events", "Audit events, by result", "sink", "result")
        self.sources = Sources(registry.counter, registry.gauge)
        registry.gauge("hilum_build_info", "Always 1", "version").labels(__version__).set(1)
        registry.register(dropped_log_lines())
        self.silence = SilenceMetrics(registry.of_library)
        registry.families += [IN_FLIGHT_BYTES, DROPPED_LINES, JOURNAL_DROPPED, CASES, SILENT_PEERS]
        registry.families += [*IMPORT_FAMILIES, *PIPELINE_FAMILIES]

    @property
    def families(self) -> list[Family]:
        """All families, also those without a sample yet."""
        return self._registry.families

    def spool(
        self, totals: Iterable[Total], now: float, set_aside: int = 0, undelivered: Mapping[str, int] | None = None
    ) -> None:
        """Set the gauges of what is in the spool."""
        self._of_spool.show(totals, now, set_aside, undelivered)

    def space(self, space: Space, workers: int = 1) -> None:
        """Set the gauges of free space and of the spool's limits."""
        self._of_spool.show_space(space, workers)

    def in_flight(self, octets: Callable[[], float]) -> None:
        """Make a gauge that reads from *octets* how many octets of messages are in memory, of all peers together."""
        gauge = self._registry.later_gauge(IN_FLIGHT_BYTES)
        gauge.set_function(octets)

    def journal(self, dropped: Callable[[], float]) -> None:
        """Make a counter that reads from *dropped* how many rows the journal has lost."""
        self._registry.register(Reading(JOURNAL_DROPPED.name.removesuffix("_total"), JOURNAL_DROPPED.text, dropped))

    def imports(self, count: Callable[[], Iterable[ImportCount]]) -> None:
        """Make the gauges of imports, which read from *count*."""
        self._registry.register(ImportMetrics(count))

    def pipeline(self, read: Callable[[], Progress]) -> None:
        """Make the gauges of the research pipeline, which read from *read*."""
        self._registry.register(PipelineMetrics(read))

    def cases(self) -> Callable[[str, str, int], None]:
        """Make the gauge of cases, in the process that shows them; return what sets it by level and cause."""
        gauge = self._registry.later_gauge(CASES)
        return lambda level, cause, count: gauge.labels(level, cause).set(count)

    def listener(self, name: str) -> ListenerMetrics:
        """Return the metrics of the listener *name*."""
        meter = ListenerMetrics(self._of_listeners, name)
        meter.recorded, meter.associated = self.record, self.keep_association
        meter.tell_notice = partial(self.tell_notice, name)
        meter.tell_opened, meter.tell_closed = partial(self.tell_opened, name), partial(self.tell_closed, name)
        return meter

    def destination(self, name: str) -> DestinationMetrics:
        """Return the metrics of the destination *name*."""
        meter = DestinationMetrics(self._of_destinations, name)
        meter.recorded = self.record
        return meter

    def step(self, name: str, counter: StepCounter) -> Callable[[str], None]:
        """Return a function that counts a result of the step *name*."""
        return self._counting(name, counter, OF_STEP)

    def exchanges(self, name: str, counter: ExchangeCounter) -> Callable[[str], None]:
        """Return a function that counts a result of the destination *name*."""
        return self._counting(name, counter, OF_EXCHANGE)

    def _counting(
        self, name: str, counter: StepCounter | ExchangeCounter, labels: tuple[str, ...]
    ) -> Callable[[str], None]:
        if counter.name not in self._of_kinds:
            self._of_kinds[counter.name] = self._registry.tallies(counter.name, counter.text, *labels)
        tallies = self._of_kinds[counter.name]
        results = {result: tallies.of(name, result) for result in counter.results}

        def count(result: str) -> None:
            results[result].value += 1

        return count

    def audit(self, sink: str) -> AuditMetrics:
        """Return the metrics of the audit trail's *sink*."""
        return AuditMetrics(self.audit_events, sink)

    def render(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return self._registry.render()


def dropped_log_lines() -> Reading:
    """Return the metric of the log lines that this process has dropped."""
    return Reading(DROPPED_LINES.name.removesuffix("_total"), DROPPED_LINES.text, dropped_lines)
