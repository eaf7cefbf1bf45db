"""The events that a framer finds in the octets of a peer."""

from dataclasses import dataclass, field
from enum import StrEnum

from gateway.contract.records import record


class Fault(StrEnum):
    """Why a stream cannot be read any further."""

    NO_START = "expected 0x0B at the start of a block"
    TLS = "TLS on a port that does not speak it"
    TOO_LARGE = "block is larger than max_block"
    TOO_MUCH_STRAY = "too many octets between blocks"
    TOO_MANY_STARTS = "the block was begun again too often"
    UNCLEAR_END = "0x1C is followed neither by 0x0D nor by the next block"
    UNFINISHED = "stream ended inside a block"


class OctetClass(StrEnum):
    """The kind of octet where a block should start: enough to find the fault, too little to reveal the content."""

    CONTROL = "control"
    DIGIT = "digit"
    LETTER = "letter"
    PUNCTUATION = "punctuation"
    NOT_ASCII = "not ASCII"


def class_of(octet: int) -> OctetClass:
    """Return the kind of *octet*."""
    char = chr(octet)
    if octet > 0x7E:
        return OctetClass.NOT_ASCII if octet > 0x7F else OctetClass.CONTROL
    if char.isalpha():
        return OctetClass.LETTER
    if char.isdigit():
        return OctetClass.DIGIT
    return OctetClass.CONTROL if octet < 0x20 else OctetClass.PUNCTUATION


@record
class Block:
    """One whole block."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Skipped:
    """*count* stray octets stood between blocks."""

    count: int


@dataclass(frozen=True, slots=True)
class BegunAgain:
    """A block was begun again before its end: *dropped* octets of it are no message."""

    dropped: int
    offset: int
    """Offset of the new start in the stream."""
    beginning: bytes = field(default=b"", repr=False)
    """The first dropped octets. For an answer only, never for a log."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The stream cannot be read any further; always the last event."""

    fault: Fault
    offset: int
    """Offset of the offending octet in the stream."""
    octet: OctetClass | None = None
    """With ``NO_START``: the kind of octet there."""
    beginning: bytes = field(default=b"", repr=False)
    """With ``TOO_LARGE``: the first octets of the payload. For an answer only, never for a log."""
    around: bytes = field(default=b"", repr=False, compare=False)
    """With ``NO_START``: the octet before it, if it came in the same read, and some of those behind it. Only for
    ``adapters.mllp.likeness``, never for a log. It depends on how TCP cut the stream."""


Event = Block | Skipped | BegunAgain | Broken
