"""The metrics of listeners: connections, messages, answers, rejections."""

from collections.abc import Callable

from gateway.contract.associations import Association
from gateway.contract.causes import Notice
from gateway.contract.journal import Record, record_nothing
from gateway.contract.meter import Pause, Rejection
from gateway.telemetry.families import LocalCounter
from gateway.telemetry.registry import Registry


class ListenerFamilies:
    """The metric families of all listeners."""

    def __init__(self, registry: Registry) -> None:
        self.messages = registry.tallies("hilum_messages_received", "Whole messages received", "listener")
        self.octets = registry.tallies("hilum_received_bytes", "Octets of whole messages received", "listener")
        self.answers = registry.tallies("hilum_answers", "Answers sent to peers", "listener", "answer")
        self.answer_seconds = registry.spreads(
            "hilum_answer_seconds", "Seconds from the last octet of a message to its answer", "listener"
        )
        self.open_connections = registry.gauge(
            "hilum_connections", "Open connections", "listener", is_also_a_counter=True
        )
        self.connections = registry.counter("hilum_connections", "Connections accepted", "listener")
        self.rejections = registry.counter("hilum_rejections", "Connections or input rejected", "listener", "reason")
        self.pauses = registry.counter(
            "hilum_pauses", "Times that reading from a peer was paused", "listener", "reason"
        )
        self.skipped = registry.counter("hilum_skipped_bytes", "Octets between messages that were skipped", "listener")
        self.commit_seconds = registry.spreads(
            "hilum_spool_commit_seconds",
            "Seconds to commit a message, including the arrival of a streamed body",
            "listener",
        )


class ListenerMetrics:
    """The ``ListenerMeter`` of one listener. Every rejection reason is present from the start, at 0."""

    def __init__(self, families: ListenerFamilies, name: str) -> None:
        self._messages = families.messages.of(name)
        self._octets = families.octets.of(name)
        self._answers = families.answers
        self._answer: dict[str, LocalCounter] = {}
        self._answer_seconds = families.answer_seconds.of(name)
        self._open = families.open_connections.labels(name)
        self._connections = families.connections.labels(name)
        self._rejections = {reason: families.rejections.labels(name, reason.value) for reason in Rejection}
        self._pauses = {reason: families.pauses.labels(name, reason.value) for reason in Pause}
        self._skipped = families.skipped.labels(name)
        self._commit_seconds = families.commit_seconds.of(name)
        self._name = name
        self.tell_notice: Callable[[Notice], None] = lambda _: None
        """Takes what was noticed of peers; the composition root sets it."""
        self.associated: Callable[[Association], None] = lambda _: None
        """Takes associations that were answered; the composition root sets it."""
        self.tell_opened: Callable[[str], None] = lambda _: None
        self.tell_closed: Callable[[str], None] = lambda _: None
        """These take the addresses (``ip:port``) of connections that open and end."""
        self.recorded: Record = record_nothing
        """Takes what became of messages; the composition root sets it. An attribute, since a method costs a call."""

    def connected(self, address: str = "") -> None:
        """Count an accepted connection; no metric names a peer."""
        self._open.inc()
        self._connections.inc()
        self.tell_opened(address)

    def disconnected(self, address: str = "") -> None:
        """Count the end of a connection."""
        self._open.dec()
        self.tell_closed(address)

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

    def noticed(self, notice: Notice) -> None:
        """Pass on what was noticed of a peer; no metric names a peer."""
        self.tell_notice(notice)

    def skipped(self, count: int) -> None:
        """Count octets between messages that were skipped."""
        self._skipped.inc(count)

    def committed(self, seconds: float) -> None:
        """Count a message whose commit took *seconds*."""
        self._commit_seconds.observe(seconds)
