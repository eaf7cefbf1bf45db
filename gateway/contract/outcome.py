"""The outcome of a delivery: stored, refused or unavailable."""

from dataclasses import dataclass, field

from gateway.contract.causes import Diagnosis
from gateway.contract.outlook import Outlook
from gateway.contract.records import record


@record
class Response:
    """The store's own HTTP response, for a peer whose request was passed on as it was (``Message.interaction``)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """ETag, Location, Last-Modified, Content-Type, as far as the store has sent them."""
    body: bytes = field(repr=False)


@record
class Stored:
    """The destination has the message. HL7 AA; DIMSE 0000 or a warning."""

    reply: bytes | None = None
    """The store's own ACK, relayed byte for byte."""
    code: str | None = None
    """The store's own warning in the peer's protocol, such as the DIMSE status ``B000``."""
    is_committed: bool = False
    """The message is on stable storage in the spool, and no destination has it yet."""
    second: bytes | None = None
    """Where *reply* is a commit acknowledgement: the application acknowledgement that followed it, relayed byte for
    byte; empty if none came, so that none is made in its place."""
    response: Response | None = field(default=None, compare=False)
    """The store's own response, for a peer that speaks HTTP."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in a message."""

    code: str
    """HL7 table 0357: ``101`` is a required field that is missing."""
    text: str
    """A sentence without payload."""
    location: str | None = None
    """The place as in ``ERR-2``, always with carets, whatever delimiters the message uses: ``PID^1^5^1``."""


@record
class Refused:
    """The message was refused; sending it again is useless. HL7 AE or AR; DIMSE Cxxx."""

    reason: str
    """A sentence without payload; of the store's own text it repeats known words only. Logs and the peer get it."""
    reply: bytes | None = None
    """The store's own NACK, relayed byte for byte."""
    code: str | None = None
    """The cause in the peer's protocol: an HL7 table 0357 code (``207``) or a DIMSE status (``C000``)."""
    unsupported: bool = False
    """Messages of this type are not accepted, whatever their content. HL7 AR; DIMSE 0122."""
    findings: tuple[Finding, ...] = ()
    """The mistakes in the message, as far as they are known; the sender gets an ``ERR`` segment for each."""
    outlook: Outlook = field(default=Outlook.FINAL, compare=False)
    """Tells commit mode whether to try again; it is not part of the result of this try."""
    by_step: bool = field(default=False, compare=False)
    """A step of the route refused the message: this says nothing of the destination."""
    diagnosis: Diagnosis | None = field(default=None, compare=False)
    """The cause, as far as it is known."""
    response: Response | None = field(default=None, compare=False)
    """The store's own response, for a peer that speaks HTTP."""


NO_ROUTE = Refused("no route takes this kind of message", unsupported=True)
"""The outcome of a message that no route of its listener takes."""


@record
class Unavailable:
    """Hilum or the store failed; the message can be sent again later. HL7 AR; DIMSE A700."""

    reason: str
    """A sentence without payload; of the store's own text it repeats known words only. Logs and the peer get it."""
    retry_after: float | None = None
    """Seconds that the store asked Hilum to wait."""
    code: str | None = None
    """The cause in the peer's protocol if the store named one: a DIMSE status such as ``A701``."""
    maybe_stored: bool = False
    """The store may have the message although it did not say so: the request was sent before the failure."""
    reply: bytes | None = None
    """The store's own NACK, relayed byte for byte."""
    outlook: Outlook = field(default=Outlook.TEMPORARY, compare=False)
    """Tells commit mode whether to try again; it is not part of the result of this try."""
    by_step: bool = field(default=False, compare=False)
    """A step of the route failed: this says nothing of the destination."""
    diagnosis: Diagnosis | None = field(default=None, compare=False)
    """The cause, as far as it is known."""
    response: Response | None = field(default=None, compare=False)
    """The store's own response, for a peer that speaks HTTP."""


Outcome = Stored | Refused | Unavailable


def is_by_step(outcome: Outcome) -> bool:
    """Whether a step of the route, and not the destination, decided the outcome."""
    return not isinstance(outcome, Stored) and outcome.by_step


def word_of(outcome: Outcome) -> str:
    """Return the word for *outcome* in log lines: ``stored`` only where a destination has the message."""
    if isinstance(outcome, Stored):
        return "committed" if outcome.is_committed else "stored"
    return "refused" if isinstance(outcome, Refused) else "unavailable"
