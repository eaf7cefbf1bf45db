"""A DICOMweb destination at a store from which a listener reads: it remembers what it has stored there."""

from collections.abc import Sequence
from types import TracebackType

from adapters.rest.connecting.dialer import Trust
from adapters.rest.dicomweb.settings import DicomwebSettings
from adapters.rest.dicomweb.store import Dicomweb
from adapters.rest.ingested import IngestedNames
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored


class RememberingDicomweb(Dicomweb):
    """Remembers the SOP Instance UIDs of the instances that are stored, so that they are not delivered back."""

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
        outcome = await super().deliver(message)
        self._remember([message], [outcome])
        return outcome

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Store the instances in one request and return the outcome of each, in their order."""
        outcomes = await super().deliver_many(messages)
        self._remember(messages, outcomes)
        return outcomes

    def _remember(self, messages: Sequence[Message], outcomes: Sequence[Outcome]) -> None:
        for message, outcome in zip(messages, outcomes, strict=True):
            if isinstance(outcome, Stored):
                self._ingested.add(message.identifiers["sop_instance_uid"])
