"""Fakes of what stands on either side of the gateway's core."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from gateway.contract.body import Buffer, WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored


class FakeDestination:
    """Gives the outcomes it was told to, one per delivery; the last one for ever."""

    name = "store"

    def __init__(self, outcomes: Sequence[Outcome | None] = (Stored(),)) -> None:
        self.outcomes = list(outcomes)
        self.received: list[bytes] = []
        self.unreachable: str | None = None

    async def deliver(self, message: Message) -> Outcome:
        """Take the whole body; None as outcome means never to answer."""
        self.received.append(b"".join([bytes(chunk) async for chunk in message.body.chunks()]))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if outcome is None:
            await asyncio.Event().wait()
        assert outcome is not None
        return outcome

    async def probe(self) -> str | None:
        """Tell what the test set."""
        return self.unreachable


class FakeArrivingBody:
    """A body whose chunks come when the test puts them in the queue; None ends it."""

    length = None
    replayable = False

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield what was put in."""
        while (chunk := await self.queue.get()) is not None:
            yield chunk


def make_message(body: bytes = b"MSH", **facts: str) -> Message:
    """Return a message with *facts*."""
    return Message("m1", WholeBody(body), {"protocol": "mllp", **facts}, {"control_id": "C1"})
