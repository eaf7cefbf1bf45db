"""Wrappers around a delivery, a destination and a listener's meter that report to the audit trail."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from gateway.audit.beginning import OverheardBody
from gateway.audit.message import SOURCE, Participant
from gateway.audit.parties import receiver_of, sender_of, store_at
from gateway.audit.trail import Trail
from gateway.contract.body import WholeBody
from gateway.contract.destination import BatchDestination, Deliver, Destination
from gateway.contract.message import Message, Subject
from gateway.contract.meter import ListenerMeter, Rejection
from gateway.contract.outcome import Outcome, Unavailable

SubjectOf = Callable[[Message, bytes], Subject]
"""Reads the patient and study of a message from the beginning of its body."""

OF_IDENTITY = frozenset(
    {"called_ae_title", "calling_ae_title", "certificate", "network", "plain_on_tls_port", "tls_handshake", "token"}
)
"""The values of ``Rejection`` that concern the identity of the peer. The others are faults or limits."""

INTERNAL_ERROR = Unavailable("internal error")


class Beginning:
    """A message to pass on; afterwards :meth:`subject` returns whom it is about."""

    def __init__(self, message: Message, subject_of: SubjectOf) -> None:
        self._subject_of = subject_of
        self._body = message.body if isinstance(message.body, WholeBody) else OverheardBody(message.body)
        self.message = message if self._body is message.body else replace(message, body=self._body)

    def subject(self) -> Subject:
        """Return the patient and study of the message, as far as its body has been read."""
        beginning = self._body.data if isinstance(self._body, WholeBody) else self._body.beginning
        return self._subject_of(self.message, beginning)


class WatchedDelivery:
    """A ``Deliver`` that reports messages as received, except those that the peer broke off: they are no transfer."""

    def __init__(self, deliver: Deliver, trail: Trail, subject_of: SubjectOf) -> None:
        self._deliver = deliver
        self._trail = trail
        self._subject_of = subject_of

    async def __call__(self, message: Message) -> Outcome:
        """Deliver *message* and report the outcome."""
        beginning = Beginning(message, self._subject_of)
        try:
            outcome = await self._deliver(beginning.message)
        except Exception:
            self._tell(beginning, INTERNAL_ERROR)
            raise
        self._tell(beginning, outcome)
        return outcome

    def _tell(self, beginning: Beginning, outcome: Outcome) -> None:
        facts = beginning.message.facts
        receiver = receiver_of(facts, self._trail.gateway)
        self._trail.transferred(beginning.message, beginning.subject(), sender_of(facts), receiver, outcome)


class WatchedDestination:
    """A destination that reports messages as sent, unless the attempt cannot have reached the store."""

    def __init__(self, destination: Destination, url: str, trail: Trail, subject_of: SubjectOf) -> None:
        self._destination = destination
        self._store = store_at(url)
        self._trail = trail
        self._subject_of = subject_of

    @property
    def name(self) -> str:
        """Its key in the configuration."""
        return self._destination.name

    async def probe(self) -> str | None:
        """Return why the store cannot be reached now; None if it can."""
        return await self._destination.probe()

    async def deliver(self, message: Message) -> Outcome:
        """Send *message* and report the outcome."""
        beginning = Beginning(message, self._subject_of)
        outcome = await self._destination.deliver(beginning.message)
        self._tell(beginning, outcome)
        return outcome

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Send *messages* and report the outcome of each."""
        beginnings = [Beginning(each, self._subject_of) for each in messages]
        several = cast("BatchDestination", self._destination)
        outcomes = await several.deliver_many([each.message for each in beginnings])
        for beginning, outcome in zip(beginnings, outcomes, strict=True):
            self._tell(beginning, outcome)
        return outcomes

    def _tell(self, beginning: Beginning, outcome: Outcome) -> None:
        if isinstance(outcome, Unavailable) and not outcome.maybe_stored:
            return
        source: Participant = self._trail.gateway.participant(SOURCE)
        self._trail.transferred(beginning.message, beginning.subject(), source, self._store, outcome)


class WatchedMeter:
    """A ``ListenerMeter`` that also reports peers rejected because of their identity; the rest is that of *meter*."""

    def __init__(self, listener: str, meter: ListenerMeter, trail: Trail) -> None:
        self._listener = listener
        self._meter = meter
        self._trail = trail

    def __getattr__(self, name: str) -> Any:
        return getattr(self._meter, name)

    def rejected(self, reason: Rejection, peer_ip: str = "", claim: str = "") -> None:
        """Count a rejection, and report it if it concerns the identity of the peer."""
        self._meter.rejected(reason, peer_ip, claim)
        if reason.value in OF_IDENTITY:
            self._trail.turned_away(self._listener, reason.value, peer_ip, claim)
