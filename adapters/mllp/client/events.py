"""What a connection to a receiver finds out about the messages that were sent on it."""

from dataclasses import field
from enum import StrEnum

from gateway.contract.causes import Diagnosis
from gateway.contract.records import record


class Cause(StrEnum):
    """Why it is not known what became of a message, or why it was not sent."""

    NOT_SENT = "the connection ended before the whole message was sent"
    CLOSED = "the receiver closed the connection without an answer"
    RESET = "the connection was reset before an answer"
    SILENT = "the receiver did not answer in time"
    NOT_READING = "the receiver did not read the message in time"
    NOT_MLLP = "the answer is not MLLP"
    NO_VERDICT = "the answer is not an acknowledgement with a known code"
    NAMES_NONE = "the acknowledgement names no message (MSA-2 is empty)"
    NAMES_ANOTHER = "the acknowledgement is about another message (MSA-2)"
    SPOKE_FIRST = "the receiver sent something before any message"
    CLOSED_FIRST = "the receiver closed the connection before any message"
    TOO_MUCH = "the receiver sent far more than an answer"
    TOO_EARLY = "the receiver answered before it had the whole message"


@record
class NotSent:
    """The receiver cannot have the whole message: its last octets never left."""

    cause: str = Cause.NOT_SENT
    diagnosis: Diagnosis | None = field(default=None, compare=False)
    """The cause for people, if more is known than *cause* says."""


@record
class MaybeSent:
    """The receiver may have the message. The connection is closed."""

    cause: str
    diagnosis: Diagnosis | None = field(default=None, compare=False)
    """The cause for people, if more is known than *cause* says."""


@record
class Answered:
    """The receiver said what became of the message, and named it."""

    code: str
    """``MSA-1``; in release 2 the octet, ``06`` or ``15``."""
    block: bytes = field(repr=False)
    """The answer as received."""
    is_positive: bool
    second: bytes | None = field(default=None, repr=False)
    """The application acknowledgement behind a commit acknowledgement, if it was waited for; empty if none came."""


@record
class PassedOver:
    """An answer about a message that was settled before; it changes nothing."""

    named: bytes = field(repr=False)
    """Its MSA-2, in the form in which control IDs are compared."""
    code: str
    block: bytes = field(repr=False)
    is_repeated: bool = False
    """Whether an answer of this sort (commit, application) to this message came before."""


Event = NotSent | MaybeSent | Answered | PassedOver
