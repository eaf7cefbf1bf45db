"""What flows through the gateway: a message, its body and facts, and the outcome that comes back.

This module, ``gateway.errors``, ``gateway.outlook``, ``gateway.places``, ``gateway.settings`` and ``gateway.timeouts``
are all that an adapter may import of it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from gateway.outlook import Outlook

Buffer = bytes | bytearray | memoryview

UID = re.compile(r"(?=.{1,64}\Z)[0-9]+(?:\.[0-9]+)*")
"""What a whole DICOM UID looks like: components of digits, none of them empty (PS3.5 9.1). Leading zeros, which it does
not allow, are common. Whatever comes from a peer or a store under this name is checked before it reaches a header, a
log or a URL: ``..`` in a URL would name something else."""

COMMON_FACTS = ("protocol", "listener", "peer_ip")
HL7_FACTS = (
    "sending_application",
    "sending_facility",
    "receiving_application",
    "receiving_facility",
    "message_type",
    "version",
    "processing_id",
)
DICOM_FACTS = ("calling_ae_title", "called_ae_title", "sop_class_uid", "transfer_syntax_uid")


class Body(Protocol):
    """The payload as received. An HL7 message is whole; a DICOM instance may still be arriving."""

    @property
    def length(self) -> int | None:
        """Octets in total, or None while the end is not known."""

    @property
    def replayable(self) -> bool:
        """Whether :meth:`chunks` may be called again (octets in memory, a file) or only once (still arriving)."""

    def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload in order."""


@dataclass(frozen=True, slots=True)
class WholeBody:
    """A body that is in memory."""

    data: bytes

    @property
    def length(self) -> int:
        """Octets in total."""
        return len(self.data)

    @property
    def replayable(self) -> bool:
        """Octets in memory can be sent any number of times."""
        return True

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the payload as one chunk."""
        yield self.data


@dataclass(frozen=True, slots=True)
class Message:
    """One HL7v2 message or one DICOM instance (a Part 10 file, PS3.10 7)."""

    message_id: str
    """Hilum's own name for it, in every log line about it."""
    body: Body
    """As received, never re-encoded."""
    facts: Mapping[str, str]
    """What routes may read: the names in COMMON_FACTS, HL7_FACTS and DICOM_FACTS; an absent fact has no key."""
    identifiers: Mapping[str, str]
    """What names the message but no patient and may be logged: ``control_id`` or ``sop_instance_uid``."""
    charset: str | None = None
    """HL7 table 0211 name of what the peer really sends, when its listener overrides ``MSH-18``."""
    connection: str = ""
    """Address and port of the peer: messages with the same value came over one connection, in order."""
    placed: Callable[[], None] | None = field(default=None, compare=False, repr=False)
    """Called, at most once, when the message has its place before every later one: the next may be delivered although
    the outcome of this one is not known yet. Where only the outcome gives it that, nobody calls."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a message is about. It names a patient: for the audit trail alone, never for a log."""

    patient_id: str = ""
    """``PID-3`` as a CX, or Patient ID."""
    patient_name: str = ""
    """``PID-5``, or Patient's Name."""
    study_instance_uid: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """The destination has it. HL7 AA; DIMSE 0000 or a warning."""

    reply: bytes | None = None
    """The store's own ACK, relayed byte for byte."""
    code: str | None = None
    """The store's own warning in the peer's protocol, such as the DIMSE status ``B000``."""


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


class Listener(Protocol):
    """Accepts peers; answers each message with the outcome of its delivery."""

    tasks: set[asyncio.Task[None]]
    """One per connected peer, ending when the peer is gone."""

    @property
    def port(self) -> int:
        """The bound TCP port, also when 0 was configured."""

    def stop_accepting(self) -> None:
        """Unbind; let idle peers go now and busy ones after the answer they wait for."""


class Entrance(Protocol):
    """What stands between a listener's socket and its connections where peers speak TLS."""

    def before(self, connect: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Return the protocol factory for the socket; *connect* makes the connection of a peer that is let in."""

    def close(self) -> None:
        """Let nobody in any more who is not in yet."""


class Rejection(StrEnum):
    """Why a listener turned a peer or its input away: the label ``reason`` of ``hilum_rejections_total``."""

    BLOCK_RESTARTED = "block_restarted"
    BROKEN_FRAMING = "broken_framing"
    CALLED_AE_TITLE = "called_ae_title"
    CALLING_AE_TITLE = "calling_ae_title"
    CERTIFICATE = "certificate"
    CONNECTION_LIMIT = "connection_limit"
    DESCRIPTOR_LIMIT = "descriptor_limit"
    DISPLACED = "displaced"
    FIRST_MESSAGE_TIMEOUT = "first_message_timeout"
    IDLE_TIMEOUT = "idle_timeout"
    INTERNAL_ERROR = "internal_error"
    MEMORY_LIMIT = "memory_limit"
    MESSAGE_TIMEOUT = "message_timeout"
    NETWORK = "network"
    NO_HEADER = "no_header"
    PEER_ABORTED = "peer_aborted"
    PEER_LIMIT = "peer_limit"
    PEER_LOST = "peer_lost"
    PLAIN_ON_TLS_PORT = "plain_on_tls_port"
    PROTOCOL_ERROR = "protocol_error"
    PROTOCOL_VERSION = "protocol_version"
    TLS_HANDSHAKE = "tls_handshake"
    TLS_ON_PLAIN_PORT = "tls_on_plain_port"
    TOO_LARGE = "too_large"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_SLOW = "too_slow"
    WRITE_TIMEOUT = "write_timeout"


class Pause(StrEnum):
    """Why a listener did not read from a peer for a while: the label ``reason`` of ``hilum_pauses_total``."""

    MEMORY = "memory"
    """All peers together hold ``max_in_flight_bytes``."""
    QUEUE = "queue"
    """The peer sends on although enough of its messages wait for their outcome."""
    RATE = "rate"
    """The peer has sent more than its ``messages_per_second``."""
    STORE = "store"
    """The store takes the instance more slowly than the peer sends it."""
    WRITE = "write"
    """The peer does not read its answers."""


class ListenerMeter(Protocol):
    """What a listener reports for the metrics; one per listener."""

    def connected(self) -> None:
        """Count a peer that was let in."""

    def disconnected(self) -> None:
        """Count a peer that left (once per :meth:`connected`)."""

    def received(self, size: int) -> None:
        """Count one whole message of *size* octets."""

    def answered(self, answer: str, seconds: float) -> None:
        """Count an answer (``AA``, ``A700``, ``none``, …) *seconds* after the last byte of its message came in."""

    def rejected(self, reason: Rejection, peer_ip: str = "", claim: str = "") -> None:
        """Count a peer or an input that was turned away; *claim* is who the peer said it is."""

    def skipped(self, count: int) -> None:
        """Count *count* stray octets between messages."""

    def paused(self, reason: Pause) -> None:
        """Count that a peer is not read for a while."""


class Account(Protocol):
    """What one connection holds of the memory that all connections of the process share."""

    def update(self, held: int) -> None:
        """Tell how many octets of messages the connection holds now; 0 when it is gone."""

    @property
    def is_waiting(self) -> bool:
        """Whether it was told to pause and not yet to resume."""


class Throttle(Protocol):
    """How many messages a second each peer may send."""

    def take(self, peer: str, now: float) -> float:
        """Count one message of *peer*; return the seconds until its next one is due, 0 for at once."""


class KnownAddresses(Protocol):
    """The addresses that have delivered."""

    def add(self, peer_ip: str) -> None:
        """Remember an address."""

    def __contains__(self, peer_ip: str) -> bool:
        """Whether the address has delivered."""


class SharedLimits(Protocol):
    """The limits that concern more than one connection; the composition root hands them in."""

    def allows_descriptor(self, descriptor: int) -> bool:
        """Whether a peer at this new file *descriptor* leaves enough of them for everything else."""

    @property
    def known(self) -> KnownAddresses:
        """The addresses that have delivered to any listener of the process."""

    def account(self, pause: Callable[[], None], resume: Callable[[], None]) -> Account:
        """Return the account of a new connection; *pause* and *resume* stop and restart its reading."""

    @property
    def is_exhausted(self) -> bool:
        """Whether pausing was not enough, so that a new message has to be answered as one without room."""

    def throttle(self, messages_per_second: float) -> Throttle:
        """Return what counts the messages of peers that may each send so many."""
