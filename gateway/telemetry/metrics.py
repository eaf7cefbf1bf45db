"""All metrics of a gateway process. Label children are looked up once, not for each message."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest

from gateway import __version__
from gateway.contract.kind import StepCounter
from gateway.contract.meter import Pause, Rejection
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.spool.interface import Space, Total
from gateway.telemetry.families import CounterFamily, HistogramFamily, LocalCounter, Reading
from gateway.telemetry.log import dropped_lines

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
LABEL: dict[type[Outcome], str] = {Stored: "stored", Refused: "refused", Unavailable: "unavailable"}


class Family(NamedTuple):
    """Definition of a metric family; docs/reference/metrics.md is generated from these."""

    name: str
    """The name in ``/metrics``."""
    kind: Literal["counter", "gauge", "histogram"]
    text: str
    labels: tuple[str, ...] = ()


IN_SPOOL = ("destination", "state")
OF_STEP = ("step", "result")
FREE_BYTES = Family("hilum_spool_free_bytes", "gauge", "Free octets on the disk of the spool")
IN_FLIGHT_BYTES = Family("hilum_in_flight_bytes", "gauge", "Octets of messages held in memory")
DROPPED_LINES = Family(
    "hilum_log_lines_dropped_total", "counter", "Log lines dropped because they could not be written in time"
)


class Metrics:
    """The metric families of one gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.families: list[Family] = []
        """All families, also those without a sample yet."""
        self._of_steps: dict[str, CounterFamily] = {}
        self._registry = CollectorRegistry()
        # A second registry: for the client library hilum_connections and hilum_connections_total are the same name.
        self._gauges = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.messages = self._tallies("hilum_messages_received", "Whole messages received", "listener")
        self.octets = self._tallies("hilum_received_bytes", "Octets of whole messages received", "listener")
        self.answers = self._tallies("hilum_answers", "Answers sent to peers", "listener", "answer")
        self.answer_seconds = self._spreads(
            "hilum_answer_seconds", "Seconds from the last octet of a message to its answer", "listener"
        )
        self.deliveries = self._tallies(
            "hilum_deliveries", "Deliveries that ended, by outcome", "destination", "outcome"
        )
        self.delivery_seconds = self._spreads("hilum_delivery_seconds", "Seconds that a delivery took", "destination")
        self.open_connections = self._gauge("hilum_connections", "Open connections", "listener", registry=self._gauges)
        self.connections = self._counter("hilum_connections", "Connections accepted", "listener")
        self.rejections = self._counter("hilum_rejections", "Connections or input rejected", "listener", "reason")
        self.pauses = self._counter("hilum_pauses", "Times that reading from a peer was paused", "listener", "reason")
        self.encrypted = self._gauge("hilum_listener_encrypted", "1 if the listener uses TLS, otherwise 0", "listener")
        self.certificate_expiry = self._gauge(
            "hilum_certificate_expiry_timestamp_seconds",
            "Expiry time of the listener's certificate, in seconds since the epoch",
            "listener",
        )
        self.certificate_expiry_old = self._gauge(
            "hilum_certificate_expiry_seconds",
            "Old name of hilum_certificate_expiry_timestamp_seconds, for this release only",
            "listener",
        )
        self.tls_failures = self._counter(
            "hilum_tls_reload_failures",
            "Changed TLS files that were not valid, so that the old ones stay in use",
            "place",
        )
        self.attempts = self._tallies(
            "hilum_delivery_attempts", "Attempts to deliver a message from the spool", "destination", "outcome"
        )
        self.available = self._gauge(
            "hilum_destination_available",
            "1 if the destination accepts messages, 0 if it failed several times in a row",
            "destination",
        )
        self.commit_seconds = self._spreads(
            "hilum_spool_commit_seconds",
            "Seconds to commit a message, including the arrival of a streamed body",
            "listener",
        )
        self.spooled = self._gauge("hilum_spool_messages", "Messages in the spool", *IN_SPOOL)
        self.spooled_bytes = self._gauge("hilum_spool_bytes", "Octets of payload in the spool", *IN_SPOOL)
        self.spooled_oldest = self._gauge(
            "hilum_spool_oldest_seconds", "Age of the oldest message in the spool", *IN_SPOOL
        )
        self._free: Gauge | None = None
        self.spool_limits = self._gauge(
            "hilum_spool_limit_bytes",
            "Limits: octets that must stay free on the disk (min_free_bytes), most undelivered octets (max_bytes)",
            "limit",
        )
        self.set_aside = self._gauge("hilum_spools_set_aside", "Damaged spools, not used until they are repaired")
        self.undelivered = self._gauge(
            "hilum_spool_undelivered_messages",
            "Messages that are not delivered because their destination is not configured",
            "destination",
        )
        self.damaged = self._counter(
            "hilum_spool_damaged", "Messages in the spool that were damaged or could not be settled", "destination"
        )
        self.task_restarts = self._counter("hilum_task_restarts", "Restarts of parts of the gateway", "task")
        self.audit_events = self._counter("hilum_audit_events", "Audit events, by result", "sink", "result")
        self.skipped = self._counter("hilum_skipped_bytes", "Octets between messages that were skipped", "listener")
        self._registry.register(dropped_log_lines())
        self._gauge("hilum_build_info", "Always 1", "version").labels(__version__).set(1)
        self.families += [FREE_BYTES, IN_FLIGHT_BYTES, DROPPED_LINES]

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        self.families.append(Family(f"{name}_total", "counter", text, labels))
        return Counter(name, text, labels, registry=self._registry)

    def _tallies(self, name: str, text: str, *labels: str) -> CounterFamily:
        self.families.append(Family(f"{name}_total", "counter", text, labels))
        tallies = CounterFamily(name, text, labels)
        self._registry.register(tallies)
        return tallies

    def _spreads(self, name: str, text: str, *labels: str) -> HistogramFamily:
        self.families.append(Family(name, "histogram", text, labels))
        spreads = HistogramFamily(name, text, labels, SECONDS)
        self._registry.register(spreads)
        return spreads

    def _gauge(self, name: str, text: str, *labels: str, registry: CollectorRegistry | None = None) -> Gauge:
        self.families.append(Family(name, "gauge", text, labels))
        return Gauge(name, text, labels, registry=registry or self._registry)

    def spool(
        self, totals: Iterable[Total], now: float, set_aside: int = 0, undelivered: Mapping[str, int] | None = None
    ) -> None:
        """Set the gauges of the spool: totals, damaged spools, undelivered messages; *now* is in epoch seconds."""
        self.set_aside.set(set_aside)
        for gauge in (self.spooled, self.spooled_bytes, self.spooled_oldest, self.undelivered):
            gauge.clear()
        for name, count in (undelivered or {}).items():
            self.undelivered.labels(name).set(count)
        for total in totals:
            labels = total.destination, total.state.value
            self.spooled.labels(*labels).set(total.count)
            self.spooled_bytes.labels(*labels).set(total.size)
            self.spooled_oldest.labels(*labels).set(0 if total.oldest is None else max(0.0, now - total.oldest))

    def space(self, space: Space, workers: int = 1) -> None:
        """Set the gauges of free space and of the spool's limits. They have no samples if no listener commits.

        Each of the *workers* may hold ``max_bytes``, so the limit shown is that of all workers together.
        """
        if self._free is None:
            self._free = Gauge(FREE_BYTES.name, FREE_BYTES.text, registry=self._registry)
        self._free.set(space.free)
        self.spool_limits.labels("min_free_bytes").set(space.min_free_bytes)
        self.spool_limits.labels("max_bytes").set(space.max_bytes * workers)

    def in_flight(self, octets: Callable[[], float]) -> None:
        """Make a gauge that reads from *octets* how many octets of messages are in memory, of all peers together."""
        gauge = Gauge(IN_FLIGHT_BYTES.name, IN_FLIGHT_BYTES.text, registry=self._registry)
        gauge.set_function(octets)

    def listener(self, name: str) -> "ListenerMetrics":
        """Return the metrics of the listener *name*."""
        return ListenerMetrics(self, name)

    def destination(self, name: str) -> "DestinationMetrics":
        """Return the metrics of the destination *name*."""
        return DestinationMetrics(self, name)

    def step(self, name: str, counter: StepCounter) -> Callable[[str], None]:
        """Return a function that counts a result of the step *name*."""
        if counter.name not in self._of_steps:
            self._of_steps[counter.name] = self._tallies(counter.name, counter.text, *OF_STEP)
        tallies = self._of_steps[counter.name]
        results = {result: tallies.of(name, result) for result in counter.results}

        def count(result: str) -> None:
            results[result].value += 1

        return count

    def audit(self, sink: str) -> "AuditMetrics":
        """Return the metrics of the audit trail's *sink*."""
        return AuditMetrics(self, sink)

    def render(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry) + generate_latest(self._gauges)


def dropped_log_lines() -> Reading:
    """Return the metric of the log lines that this process has dropped."""
    return Reading(DROPPED_LINES.name.removesuffix("_total"), DROPPED_LINES.text, dropped_lines)


class ListenerMetrics:
    """The ``ListenerMeter`` of one listener. Every rejection reason is present from the start, at 0."""

    def __init__(self, metrics: Metrics, name: str) -> None:
        self._messages = metrics.messages.of(name)
        self._octets = metrics.octets.of(name)
        self._answers = metrics.answers
        self._answer: dict[str, LocalCounter] = {}
        self._answer_seconds = metrics.answer_seconds.of(name)
        self._open = metrics.open_connections.labels(name)
        self._connections = metrics.connections.labels(name)
        self._rejections = {reason: metrics.rejections.labels(name, reason.value) for reason in Rejection}
        self._pauses = {reason: metrics.pauses.labels(name, reason.value) for reason in Pause}
        self._skipped = metrics.skipped.labels(name)
        self._commit_seconds = metrics.commit_seconds.of(name)
        self._name = name

    def connected(self) -> None:
        """Count an accepted connection."""
        self._open.inc()
        self._connections.inc()

    def disconnected(self) -> None:
        """Count the end of a connection."""
        self._open.dec()

    def received(self, size: int) -> None:
        """Count one whole message of *size* octets."""
        self._messages.value += 1
        self._octets.value += size

    def answered(self, answer: str, seconds: float) -> None:
        """Count an answer, *seconds* after the last byte of its message came in."""
        if (tally := self._answer.get(answer)) is None:
            tally = self._answer[answer] = self._answers.of(self._name, answer)
        tally.value += 1
        self._answer_seconds.observe(seconds)

    def rejected(self, reason: Rejection, peer_ip: str = "", claim: str = "") -> None:  # noqa: ARG002  no label names a peer
        """Count a connection or an input that was rejected."""
        self._rejections[reason].inc()

    def paused(self, reason: Pause) -> None:
        """Count a pause in reading from a peer."""
        self._pauses[reason].inc()

    def skipped(self, count: int) -> None:
        """Count octets between messages that were skipped."""
        self._skipped.inc(count)

    def committed(self, seconds: float) -> None:
        """Count a message whose commit took *seconds*."""
        self._commit_seconds.observe(seconds)


class DestinationMetrics:
    """The metrics of one destination."""

    def __init__(self, metrics: Metrics, name: str) -> None:
        self._deliveries = {kind: metrics.deliveries.of(name, label) for kind, label in LABEL.items()}
        self._attempts = {kind: metrics.attempts.of(name, label) for kind, label in LABEL.items()}
        self._seconds = metrics.delivery_seconds.of(name)
        self._damaged = metrics.damaged.labels(name)
        self._available = metrics.available
        self._name = name

    def available(self, *, is_available: bool) -> None:
        """Show whether the destination takes messages."""
        self._available.labels(self._name).set(is_available)

    def damaged(self) -> None:
        """Count a message in the spool that is damaged or cannot be settled."""
        self._damaged.inc()

    def attempted(self, outcome: Outcome) -> None:
        """Count one attempt to deliver a message from the spool."""
        self._attempts[type(outcome)].value += 1

    def delivered(self, outcome: Outcome, seconds: float) -> None:
        """Count a delivery that ended with *outcome* after *seconds*."""
        self._deliveries[type(outcome)].value += 1
        self._seconds.observe(seconds)


class AuditMetrics:
    """The metrics of one sink of the audit trail."""

    def __init__(self, metrics: Metrics, sink: str) -> None:
        self._written, self._shortened, self._dropped, self._too_large, self._failed = (
            metrics.audit_events.labels(sink, result)
            for result in ("written", "shortened", "dropped", "too_large", "failed")
        )

    def written(self, count: int, shortened: int, too_large: int) -> None:
        """Count *count* events: *shortened* of them were sent with texts cut, *too_large* of them could not be sent."""
        self._written.inc(count - shortened - too_large)
        self._shortened.inc(shortened)
        self._too_large.inc(too_large)

    def dropped(self) -> None:
        """Count an event that was dropped before it reached the sink."""
        self._dropped.inc()

    def failed(self) -> None:
        """Count a failed attempt to write; its events are kept and written again."""
        self._failed.inc()
