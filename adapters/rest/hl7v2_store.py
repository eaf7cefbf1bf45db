"""A destination that ingests HL7v2 messages into a store of the Cloud Healthcare API."""

from collections.abc import Callable

from adapters.rest.connecting.dialer import SYSTEM, Trust
from adapters.rest.destination import RestDestination, whole
from adapters.rest.http.off_loop import off_loop
from adapters.rest.ingest import HEADERS, ingest_body, ingest_outcome, nodes_for
from adapters.rest.settings import Hl7v2StoreSettings
from adapters.rest.verdict.answers import Answers
from adapters.rest.verdict.control_id import asked
from adapters.rest.verdict.outcomes import unless_early
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Unavailable

Prepare = Callable[[bytes, str | None], bytes | Refused]
"""Turns a message, given with the character set that its peer really uses, into the form that the store expects."""


class Hl7v2Store(RestDestination):
    """Sends ``messages:ingest``. The store recognizes a message that it already has and answers with the same ACK."""

    def __init__(self, name: str, settings: Hl7v2StoreSettings, prepare: Prepare, trust: Trust = SYSTEM) -> None:
        super().__init__(name, settings, trust)
        self._ingest_url = f"{settings.url.rstrip('/')}/messages:ingest"
        self._acknowledged_id = settings.acknowledged_id
        self._answers = Answers(settings.answers)
        self._prepare = prepare

    async def deliver(self, message: Message) -> Outcome:
        """Ingest *message* and return the outcome."""
        prepared = self._prepare(await whole(message.body), message.charset)
        if isinstance(prepared, Refused):
            return prepared
        body = ingest_body(prepared)
        # Ingesting the same bytes twice makes one message, unless the store has rejectDuplicateMessage set.
        reply = await self._client.request("POST", self._ingest_url, HEADERS, body, repeatable=True, early=True)
        if isinstance(reply, Unavailable):
            return self._answers.after(reply)
        question = asked(prepared, self._acknowledged_id)
        most_nodes = nodes_for(prepared)
        outcome = await off_loop(reply, lambda: ingest_outcome(reply, question, self._answers, most_nodes))
        return unless_early(reply, outcome)
