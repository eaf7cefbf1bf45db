"""A store, as the daemon sees it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from gateway.contract.message import Message
from gateway.contract.outcome import Outcome

Deliver = Callable[[Message], Awaitable[Outcome]]
"""What a listener calls once per message. Never raises; cancelling it tears down the request to the store."""


class Destination(Protocol):
    """A store. Entered (``async with``) before the listeners start, left after they have stopped."""

    @property
    def name(self) -> str:
        """Its key in the configuration."""

    async def deliver(self, message: Message) -> Outcome:
        """Send *message* and tell what became of it. What the store or network does wrong is an outcome."""

    async def probe(self) -> str | None:
        """Return why the store cannot be reached just now, or None."""


class BatchDestination(Destination, Protocol):
    """A destination that takes several messages in one request."""

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Send *messages* and tell what became of each, in their order."""
