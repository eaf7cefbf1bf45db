"""A DICOMweb destination at a store from which a listener reads: it remembers what it has sent there.

The store tells of an instance as soon as it has it: while a large batch is still being sent, before a slow reply, or
where the reply never comes. So a UID is remembered before the instance is sent, and forgotten only if the store has
refused the instance; a UID that was known before stays known.
"""

from collections.abc import Sequence
from types import TracebackType

from adapters.rest.connecting.dialer import Trust
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import Dicomweb
from adapters.rest.ingested import IngestedNames
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused


class RememberingDicomweb(Dicomweb):
    """Remembers the SOP Instance UIDs of the instances that are sent, so that they are not delivered back."""

    def __init__(self, name: str, settings: DicomwebSettings, trust: Trust, ingested: IngestedNames) -> None:
        super().__init__(name, settings, trust)
        self._ingested = ingested

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        await self._ingested.close()

    async def deliver(self, message: Message) -> Outcome:
        """Store the instance and return the outcome."""
        fresh = await self._ingested.expect({_uid(message)})
        outcome = await super().deliver(message)
        await self._forget([message], [outcome], fresh)
        return outcome

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Store the instances in one request and return the outcome of each, in their order."""
        fresh = await self._ingested.expect({_uid(each) for each in messages})
        outcomes = await super().deliver_many(messages)
        await self._forget(messages, outcomes, fresh)
        return outcomes

    async def _forget(self, messages: Sequence[Message], outcomes: Sequence[Outcome], fresh: set[str]) -> None:
        pairs = list(zip(map(_uid, messages), outcomes, strict=True))
        kept = {uid for uid, outcome in pairs if not isinstance(outcome, Refused)}
        if refused := {uid for uid, _ in pairs} & fresh - kept:
            await self._ingested.forget(refused)


def _uid(message: Message) -> str:
    return message.identifiers["sop_instance_uid"]
