"""The events of an association: what the peer sends, and what our own side requests."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from gateway.contract.records import record


class AbortReason(IntEnum):
    """Why the provider aborts an association (PS3.8 table 9-26)."""

    NOT_SPECIFIED = 0
    UNRECOGNIZED_PDU = 1
    UNEXPECTED_PDU = 2
    INVALID_PARAMETER = 6


class Fragment(NamedTuple):
    """A piece of a presentation data value, as it arrived; a tuple for speed, as an instance has thousands of them."""

    context_id: int
    is_command: bool
    is_last: bool
    """Whether it is the last piece of its command set or data set."""
    data: memoryview


@dataclass(frozen=True, slots=True)
class AssociateRq:
    """The peer asks for an association."""

    pdu: bytes
    """The whole PDU, from its type octet on."""
    is_whole: bool = True
    """Whether *pdu* is whole; if not, only the fixed fields were read, because the request is too long to be taken."""


@dataclass(frozen=True, slots=True)
class AssociateAc:
    """The peer accepts an association."""

    pdu: bytes
    """As in AssociateRq."""


@dataclass(frozen=True, slots=True)
class AssociateRj:
    """The peer rejects an association."""

    pdu: bytes
    """As in AssociateRq."""


@dataclass(frozen=True, slots=True)
class ReleaseRq:
    """The peer wants to end the association in order."""


@dataclass(frozen=True, slots=True)
class ReleaseRp:
    """The peer agrees to a release."""


@dataclass(frozen=True, slots=True)
class Abort:
    """The peer aborted the association."""

    source: int = field(default=0, compare=False)
    """PS3.8 table 9-26: 0 is the service user, 2 the service provider."""
    reason: int = field(default=0, compare=False)
    """Why the service provider aborted; without meaning from the service user."""


class Lengths(NamedTuple):
    """A length that a peer sent, and the range that is allowed; in octets."""

    of: str
    """The name of the PDU or item."""
    length: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Invalid:
    """The data is not a PDU, or a length in it is wrong. Nothing after it can be read."""

    reason: AbortReason
    is_tls: bool = False
    """Whether it looks like the beginning of a TLS handshake."""
    lengths: Lengths | None = field(default=None, compare=False)
    """The length that was wrong; None if something else was wrong."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The transport connection is gone, or the peer will send nothing more on it."""


@dataclass(frozen=True, slots=True)
class TimerExpired:
    """The ARTIM timer ran out."""


@record
class Answer:
    """Our side answers the request in progress."""

    status: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class AbortRequest:
    """Our side aborts the association."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Our side lets the state machine process the next event of the backlog."""


PeerEvent = AssociateRq | AssociateAc | AssociateRj | Fragment | ReleaseRq | ReleaseRp | Abort | Invalid
Event = PeerEvent | Disconnected | TimerExpired | Answer | AbortRequest | Turn
EVENTS: tuple[type[Event], ...] = (
    AssociateRq, AssociateAc, AssociateRj, Fragment, ReleaseRq, ReleaseRp, Abort, Invalid,
    Disconnected, TimerExpired, Answer, AbortRequest, Turn,
)  # fmt: skip
