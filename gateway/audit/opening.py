"""Opens the audit trail of a gateway, if one is configured."""

import os
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import cast

import structlog

from gateway.audit.events import Gateway
from gateway.audit.file import open_file
from gateway.audit.interface import Sink
from gateway.audit.settings import AuditSettings
from gateway.audit.sink_queue import SinkQueue
from gateway.audit.syslog import open_syslog
from gateway.audit.syslog_format import Sender
from gateway.audit.trail import Trail
from gateway.audit.watch import SubjectOf, WatchedDelivery, WatchedDestination, WatchedMeter
from gateway.contract.acts import Act, Asked, Moved, TellAct
from gateway.contract.destination import Deliver, Destination
from gateway.contract.message import Subject
from gateway.contract.meter import ListenerMeter
from gateway.telemetry.metrics import Metrics

log = structlog.get_logger()

GRACE_SECONDS = 5.0
"""Seconds that each sink may take for an event of an operator's act, and for its queue when the gateway stops."""


class Audit:
    """Wraps the parts of the composition root. Without a trail each method returns its part unchanged."""

    def __init__(self, trail: Trail | None, subject_of: SubjectOf) -> None:
        self._trail = trail
        self._subject_of = subject_of

    def started(self) -> None:
        """Report that the gateway has started."""
        if self._trail is not None:
            self._trail.started()

    async def acted(self, act: Act) -> Sequence[str]:
        """Report what an operator did with spooled messages; return why sinks have not written it after the grace."""
        return [] if self._trail is None else await self._trail.acted(act, GRACE_SECONDS)

    async def asked(self, asked: Asked) -> Sequence[str]:
        """Report a question to the tables; return why sinks have not written it after the grace."""
        return [] if self._trail is None else await self._trail.asked(asked, GRACE_SECONDS)

    def moved(self, moved: Moved, messages: int, *, is_done: bool) -> None:
        """Report an import or export of so many messages."""
        if self._trail is not None:
            self._trail.moved(moved, messages, is_done=is_done)

    def delivery(self, deliver: Deliver) -> Deliver:
        """Return *deliver*, wrapped to report received messages."""
        return deliver if self._trail is None else WatchedDelivery(deliver, self._trail, self._subject_of)

    def destination(self, destination: Destination, url: str, subject_of: SubjectOf | None = None) -> Destination:
        """Return *destination*, wrapped to report sent messages; *subject_of* reads what it is sent after all steps."""
        if self._trail is None:
            return destination
        return WatchedDestination(destination, url, self._trail, subject_of or self._subject_of)

    def meter(self, listener: str, meter: ListenerMeter) -> ListenerMeter:
        """Return *meter*, wrapped to report rejected peers."""
        if self._trail is None:
            return meter
        return cast("ListenerMeter", WatchedMeter(listener, meter, self._trail))


@asynccontextmanager
async def open_audit(
    settings: AuditSettings | None,
    metrics: Metrics,
    subject_of: SubjectOf,
    ae_titles: Iterable[str] = (),
    grace: float | None = None,
) -> AsyncIterator[Audit]:
    """Open the sinks; raises ConfigError if one cannot be used.

    At the end the queued messages are written, for *grace* seconds at most; by default GRACE_SECONDS.
    """
    if settings is None:
        yield Audit(None, subject_of)
        return
    if settings.patient_identifiers and settings.syslog is not None and settings.syslog.transport != "tls":
        log.warning("audit_sent_in_clear", reason="audit.syslog.transport is not tls and events name patients")
    gateway = Gateway(str(os.getpid()), socket.gethostname(), tuple(ae_titles))
    sink_queues = [
        SinkQueue(sink, settings.queue, metrics.audit(sink.name), most_octets=settings.queue_bytes)
        for sink in _sinks(settings, gateway)
    ]
    trail = Trail(settings, gateway, sink_queues)
    try:
        yield Audit(trail, subject_of)
    finally:
        trail.stopped()
        for sink_queue in sink_queues:
            await sink_queue.close(GRACE_SECONDS if grace is None else grace)


@asynccontextmanager
async def open_audit_of_acts(settings: AuditSettings | None, grace: float | None = None) -> AsyncIterator[TellAct]:
    """Open the sinks for a process that takes no messages, but lets operators decide about those of others."""
    async with open_audit(settings, Metrics(), lambda *_: Subject(), grace=grace) as audit:
        yield audit.acted


def _sinks(settings: AuditSettings, gateway: Gateway) -> list[Sink]:
    sinks: list[Sink] = []
    if settings.syslog is not None:
        sinks.append(open_syslog(settings.syslog, Sender(gateway.host, gateway.process_id)))
    if settings.file is not None:
        sinks.append(open_file(settings.file))
    return sinks
