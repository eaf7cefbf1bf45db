"""A destination that sends HL7v2 messages over MLLP."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog

from adapters.mllp.client.answers import AnswerTable
from adapters.mllp.client.events import Answered, MaybeSent, NotSent
from adapters.mllp.client.loops import LOOP, Loops, digest_of
from adapters.mllp.client.outgoing import Preparation
from adapters.mllp.client.pool import Pool
from adapters.mllp.client.settings import MllpDestinationSettings
from gateway.contract.body import Body, WholeBody
from gateway.contract.health import Health
from gateway.contract.kind import Contexts
from gateway.contract.message import Message
from gateway.contract.once import OnePerGateway
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.contract.phase_times import PhaseTimes
from gateway.contract.sending import Address

HELD = Unavailable("another process of this gateway still holds the destination", outlook=Outlook.BUSY)
RESULTS = {Answered: "answered", MaybeSent: "maybe_sent", NotSent: "not_sent", type(None): "unconfirmed"}
"""The label ``result`` of the metric, besides ``passed_over``, ``refused_late`` and ``loop``."""

log = structlog.get_logger()


class MllpDestination:
    """Sends each message once and tells what became of it. Only one process of a gateway sends at a time."""

    def __init__(
        self,
        name: str,
        settings: MllpDestinationSettings,
        lock: OnePerGateway,
        contexts: Contexts | None = None,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._name, self._settings, self._lock, self._count = name, settings, lock, count
        self._contexts = contexts
        self._table = AnswerTable(settings.answers, settings.answer_seconds)
        self._times = PhaseTimes()
        self._preparation = Preparation(settings.acknowledged_id == "first_20", settings.ask)
        self._loops = Loops()
        self._pool: Pool

    @property
    def name(self) -> str:
        """The key of the destination in the configuration."""
        return self._name

    @property
    def address(self) -> str:
        """Its address, for logs and the audit trail."""
        scheme = "mllp" if self._settings.tls is None else "mllps"
        return f"{scheme}://{Address(self._settings.host, self._settings.port)}"

    async def __aenter__(self) -> Self:
        await self._lock.__aenter__()
        self._pool = Pool(self._settings, self._contexts, self._count, self._name, self._times)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()
        await self._lock.__aexit__(kind, error, trace)

    def hear(self, acknowledgement: bytes, peer_ip: str) -> Callable[[], None] | None:
        """Return what credits an acknowledgement that came in at a listener; None if it is not about a message here."""
        return self._pool.hear(acknowledgement, peer_ip)

    def health(self) -> Health:
        """Return how long the receiver takes; its answers do not tell its clock."""
        return Health(self._times.phases())

    async def probe(self) -> str | None:
        """Return why the receiver cannot be reached at the moment, or None. Never raises."""
        return await self._pool.probe() if self._lock.take() else HELD.reason

    async def deliver(self, message: Message) -> Outcome:
        """Send *message* and return the outcome."""
        if not self._lock.take():
            return HELD
        body = message.body
        data = body.data if isinstance(body, WholeBody) else await _whole(body)
        source, digest = message.facts.get("peer_ip", ""), digest_of(data)
        if source in self._pool.addresses and self._loops.is_loop(digest, source, time.monotonic()):
            self._count("loop")
            return LOOP
        outgoing = self._preparation.prepare(data, queued=message.queued, new_id=message.message_id)
        if isinstance(outgoing, Refused):
            return outgoing
        if message.maybe_stored:
            log.info("message_sent_again", destination=self._name, message_id=message.message_id, **message.identifiers)
        waits = message.queued and outgoing.asks_application and self._settings.settles == "application"
        verdict = await self._pool.exchange(outgoing, waits_for_application=waits)
        self._count(RESULTS[type(verdict)])
        outcome = self._table.outcome(verdict, message)
        if isinstance(outcome, Stored):
            self._loops.stored(digest, source, time.monotonic())
        return outcome


async def _whole(body: Body) -> bytes:
    """Return all of *body*: an HL7 message is sent in one piece."""
    return b"".join([bytes(chunk) async for chunk in body.chunks()])
