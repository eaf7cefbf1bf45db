"""The interface of a destination (a store)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from gateway.contract.message import Message
from gateway.contract.outcome import Outcome

Deliver = Callable[[Message], Awaitable[Outcome]]
"""The function that a listener calls once per message. Never raises; cancelling it aborts the request to the store."""


class Destination(Protocol):
    """A store. It is entered (``async with``) before the listeners start and left after they have stopped."""

    @property
    def name(self) -> str:
        """Its key in the configuration."""

    async def deliver(self, message: Message) -> Outcome:
        """Send *message* and return the outcome. A failure of the store or the network is an outcome, not an error."""

    async def probe(self) -> str | None:
        """Return why the store cannot be reached now; None if it can."""


class BatchDestination(Destination, Protocol):
    """A destination that takes several messages in one request."""

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Send *messages* and return their outcomes in the same order."""
