"""A step of a route, as the daemon sees it."""

from typing import Protocol

from gateway.contract.message import Message
from gateway.contract.outcome import Refused


class Step(Protocol):
    """Changes messages on their way to a destination.

    A pure function of message and settings, without clock, randomness or state: a message that is tried again after a
    crash has to be stored as the same.
    """

    async def __call__(self, message: Message) -> Message | Refused:
        """Return the message as it goes on, its identifiers still true; its facts stay those that were received.

        Where a mistake of the message shows only while its body is read, the body raises StepRefused.
        """
