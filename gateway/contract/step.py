"""The interface of a step of a route."""

from typing import Protocol

from gateway.contract.message import Message
from gateway.contract.outcome import Refused


class Step(Protocol):
    """Changes messages on their way to a destination.

    A step is a pure function of message and settings, without clock, randomness or state, so that a delivery that is
    tried again after a crash stores the same octets.
    """

    async def __call__(self, message: Message) -> Message | Refused:
        """Return the changed message, or the refusal. Identifiers follow the change; facts stay as received.

        If a mistake in the message is found only while its body is read, the body raises StepRefused.
        """
