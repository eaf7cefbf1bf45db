"""The audit trail: turns what the gateway does into events and queues them for every sink.

No method waits, except the one for acts of operators.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from gateway.audit.events import (
    Gateway,
    application_activity,
    instances_transferred,
    media_moved,
    node_authentication_failed,
    patient_record,
    restricted_function_used,
    tables_asked,
)
from gateway.audit.gathering import Gathering, Group
from gateway.audit.message import AuditMessage, Participant
from gateway.audit.settings import AuditSettings
from gateway.audit.sink_queue import SinkQueue
from gateway.contract.acts import Act, Asked, Moved
from gateway.contract.fhir import FHIR_FACTS
from gateway.contract.message import Message, Subject
from gateway.contract.outcome import Outcome


class Trail:
    """Turns what the gateway does into events. Instances of one study and association become one event."""

    def __init__(
        self,
        settings: AuditSettings,
        gateway: Gateway,
        sink_queues: Sequence[SinkQueue],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.gateway = gateway
        self._settings = settings
        self._sink_queues = sink_queues
        self._clock = clock
        self._gathering = Gathering(settings.gather_seconds)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._is_running = False

    def started(self) -> None:
        """Report that the gateway has started."""
        self._is_running = True
        self._record(application_activity(self.gateway, self._now(), started=True))

    def stopped(self) -> None:
        """Report all open groups and, if :meth:`started` was called, that the gateway has stopped."""
        if self._timer is not None:
            self._timer.cancel()
        self._report(self._gathering.take_all())
        if self._is_running:
            self._record(application_activity(self.gateway, self._now(), started=False))

    def transferred(
        self, message: Message, subject: Subject, source: Participant, destination: Participant, outcome: Outcome
    ) -> None:
        """Report the *outcome* of the transfer of *message* from *source* to *destination*."""
        if not self._settings.patient_identifiers:
            subject = Subject()
        if "sop_instance_uid" in message.identifiers:
            now = self._loop.time()
            group = Group(source, destination, subject, outcome, now, now)
            instance = message.facts.get("sop_class_uid", ""), message.identifiers.get("sop_instance_uid", "")
            self._report(self._gathering.add(message.connection, group, instance))
            self._arm()
            return
        message_type, control_id = message.facts.get("message_type", ""), message.identifiers.get("control_id", "")
        fhir = " ".join(message.facts[name] for name in FHIR_FACTS if name in message.facts)
        names = message_type, control_id
        self._record(patient_record(source, destination, subject, *names, outcome, self._now(), fhir=fhir))

    def turned_away(self, listener: str, reason: str, peer_ip: str, claim: str) -> None:
        """Report a peer that was rejected because of its identity."""
        self._record(node_authentication_failed(self.gateway, listener, reason, peer_ip, claim, self._now()))

    def moved(self, moved: Moved, messages: int, *, is_done: bool) -> None:
        """Report an import or export of so many messages."""
        self._record(media_moved(self.gateway, moved, messages, self._now(), is_done=is_done))

    async def acted(self, act: Act, grace: float) -> list[str]:
        """Report what an operator did; without patients' names also without free text, but for a re-identification.

        Wait up to *grace* seconds until it is written; return why each sink that has not written it has not.
        """
        if not self._settings.patient_identifiers and act.on == "spool":
            act = replace(act, why="")
        return await self._written(restricted_function_used(self.gateway, act, self._now()), grace)

    async def asked(self, asked: Asked, grace: float) -> list[str]:
        """Report a question to the tables; wait and return as :meth:`acted` does."""
        return await self._written(tables_asked(self.gateway, asked, self._now()), grace)

    async def _written(self, message: AuditMessage, grace: float) -> list[str]:
        message = self._of_this_source(message)
        found = await asyncio.gather(*(each.put_and_wait(message, grace) for each in self._sink_queues))
        return [why for why in found if why is not None]

    def _arm(self) -> None:
        if self._timer is None and (due := self._gathering.next_due()) is not None:
            self._timer = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._report(self._gathering.due(self._loop.time()))
        self._arm()

    def _report(self, groups: Sequence[Group]) -> None:
        for each in groups:
            ended = self._now(before=self._loop.time() - each.latest)
            self._record(
                instances_transferred(each.source, each.destination, each.subject, each.instances, each.outcome, ended)
            )

    def _now(self, before: float = 0.0) -> datetime:
        return datetime.fromtimestamp(self._clock() - before, UTC)

    def _record(self, message: AuditMessage) -> None:
        message = self._of_this_source(message)
        for sink_queue in self._sink_queues:
            sink_queue.put(message)

    def _of_this_source(self, message: AuditMessage) -> AuditMessage:
        settings = self._settings
        source_id = settings.source_id or self.gateway.host
        return replace(message, source_id=source_id, enterprise_site_id=settings.enterprise_site_id)
