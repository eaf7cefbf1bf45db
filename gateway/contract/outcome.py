"""What became of a message: stored, refused or unavailable; in commit mode, committed."""

from dataclasses import dataclass, field

from gateway.contract.outlook import Outlook


@dataclass(frozen=True, slots=True)
class Stored:
    """The destination has it, or in commit mode the spool. HL7 AA; DIMSE 0000 or a warning."""

    reply: bytes | None = None
    """The store's own ACK, relayed byte for byte."""
    code: str | None = None
    """The store's own warning in the peer's protocol, such as the DIMSE status ``B000``."""
    is_committed: bool = False
    """The message is on stable storage in the spool, and no destination has it yet."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in a message."""

    code: str
    """HL7 table 0357: ``101`` is a required field that is missing."""
    text: str
    """A sentence without payload."""
    location: str | None = None
    """Where, as ``ERR-2`` has it, with carets whatever the message's delimiters are: ``PID^1^5^1``."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Sending it again is useless. HL7 AE or AR; DIMSE Cxxx."""

    reason: str
    """A sentence without payload, with known words of the store at most; it reaches logs and the peer."""
    reply: bytes | None = None
    """The store's own NACK, relayed byte for byte."""
    code: str | None = None
    """The cause in the peer's protocol: an HL7 table 0357 code (``207``) or a DIMSE status (``C000``)."""
    unsupported: bool = False
    """The kind of message is not taken here, whatever its content. HL7 AR; DIMSE 0122."""
    findings: tuple[Finding, ...] = ()
    """What is wrong in the message, where that is known: an ``ERR`` segment for each tells the sender."""
    outlook: Outlook = field(default=Outlook.FINAL, compare=False)
    """What commit mode goes by: advice on the next try, not a part of what became of this one."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Our side failed; send it again later. HL7 AR; DIMSE A700."""

    reason: str
    """A sentence without payload, with known words of the store at most; it reaches logs and the peer."""
    retry_after: float | None = None
    """Seconds the store asked us to wait."""
    code: str | None = None
    """The cause in the peer's protocol when the store named one: a DIMSE status such as ``A701``."""
    maybe_stored: bool = False
    """The store may hold the message although it did not say so: the request had left before the failure."""
    outlook: Outlook = field(default=Outlook.TEMPORARY, compare=False)
    """What commit mode goes by: advice on the next try, not a part of what became of this one."""


Outcome = Stored | Refused | Unavailable


def word_of(outcome: Outcome) -> str:
    """Return the word for *outcome* in log lines: ``stored`` only where a destination has the message."""
    if isinstance(outcome, Stored):
        return "committed" if outcome.is_committed else "stored"
    return "refused" if isinstance(outcome, Refused) else "unavailable"
