"""The payload of a message, complete or still arriving."""

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from gateway.contract.records import record

Buffer = bytes | bytearray | memoryview


class Body(Protocol):
    """The payload as received. An HL7 message is complete; a DICOM instance may still be arriving."""

    @property
    def length(self) -> int | None:
        """Octets in total, or None while the length is unknown."""

    @property
    def replayable(self) -> bool:
        """Whether :meth:`chunks` may be called more than once (octets in memory, a file), not once only (arriving)."""

    def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""


@runtime_checkable
class RangedBody(Body, Protocol):
    """A payload of which parts can be read, where the rest need not be fetched: an object in a bucket."""

    async def read(self, first: int, count: int) -> bytes:
        """Return *count* octets from octet *first*, or fewer at the end."""


@record
class WholeBody:
    """A body that is in memory."""

    data: bytes

    @property
    def length(self) -> int:
        """Octets in total."""
        return len(self.data)

    @property
    def replayable(self) -> bool:
        """Always true: octets in memory can be sent any number of times."""
        return True

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload as one chunk."""
        yield self.data
