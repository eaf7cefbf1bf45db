"""A destination that ingests HL7v2 messages into a store of the Cloud Healthcare API."""

from collections.abc import Callable
from functools import partial
from types import TracebackType

from adapters.hl7.control_id import asked
from adapters.rest.connecting.dialer import SYSTEM, Trust
from adapters.rest.destination import RestDestination, whole
from adapters.rest.http.off_loop import SMALL, off_loop
from adapters.rest.ingest import HEADERS, ingest_body, ingest_outcome, ingested_name, labels_json, nodes_for
from adapters.rest.ingested import IngestedNames
from adapters.rest.settings import Hl7v2StoreSettings
from adapters.rest.verdict.answers import Answers
from adapters.rest.verdict.outcomes import unless_early
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Unavailable

Prepare = Callable[[bytes, str | None], bytes | Refused]
"""Turns a message, given with the character set that its peer really uses, into the form that the store expects."""


class Hl7v2Store(RestDestination):
    """Sends ``messages:ingest``. The store recognizes a message that it already has and answers with the same ACK."""

    def __init__(
        self,
        name: str,
        settings: Hl7v2StoreSettings,
        prepare: Prepare,
        trust: Trust = SYSTEM,
        ingested: IngestedNames | None = None,
    ) -> None:
        super().__init__(name, settings, trust)
        self._own_labels, self._labels = settings.labels, labels_json(settings.labels)
        self._ingested = ingested
        """Where a listener of this gateway reads from the store: what is remembered for it."""
        self._ingest_url = f"{settings.url.rstrip('/')}/messages:ingest"
        self._acknowledged_id = settings.acknowledged_id
        self._answers = Answers(settings.answers)
        self._prepare = prepare

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        if self._ingested is not None:
            await self._ingested.close()

    async def deliver(self, message: Message) -> Outcome:
        """Ingest *message* and return the outcome."""
        data = message.body.data if isinstance(message.body, WholeBody) else await whole(message.body)
        prepared = self._prepare(data, message.charset)
        if isinstance(prepared, Refused):
            return prepared
        body = ingest_body(prepared, self._labels_of(message))
        # Ingesting the same bytes twice makes one message, unless the store has rejectDuplicateMessage set.
        reply = await self._client.request("POST", self._ingest_url, HEADERS, body, repeatable=True, early=True)
        if isinstance(reply, Unavailable):
            return self._answers.after(reply)
        question = asked(prepared, self._acknowledged_id)
        most_nodes = nodes_for(prepared)
        read = partial(ingest_outcome, reply, question, self._answers, most_nodes)
        outcome = read() if len(reply.body) <= SMALL else await off_loop(reply, read)
        if self._ingested is not None and (named := await off_loop(reply, lambda: ingested_name(reply))) is not None:
            self._ingested.add(named)
        return unless_early(reply, outcome)

    def _labels_of(self, message: Message) -> bytes:
        """Return the labels of a message: those that it came with, and before them those of the destination.

        Without any of the destination there are none, for a store that takes no labels.
        """
        if not message.labels or not self._own_labels:
            return self._labels
        return labels_json({**dict(message.labels), **self._own_labels})
