"""Settings of an MLLP listener."""

from typing import Literal

from pydantic import Field, field_validator

from adapters.hl7.answers import AfterCommitNak, AnswerCodes, ApplicationAck
from adapters.hl7.charset import codec
from adapters.hl7.er7 import SegmentEnd
from adapters.mllp.framing import BlockEnd
from gateway.contract.settings import Count, ListenerSettings, Network, Octets, PeerLimits, PeerSettings, Seconds


class MllpPeerLimits(PeerLimits):
    """Settings of an MLLP listener that may differ between its peers."""

    first_message_seconds: Seconds = Field(default=300, gt=0)
    """Close a connection that has sent no message yet and has been silent for so long. Octets that some engines send
    between messages to keep a connection count as activity; at most 65,536 of them are taken before one message."""
    max_block: Octets = Field(default=64 * 1024 * 1024, ge=1)
    """Largest block in octets. A block is refused as soon as it exceeds this, and the connection closes."""
    mllp_release: Literal[1, 2] = 1
    """Release of the MLLP standard. Release 2 answers each block with one octet: `06` (stored, or in commit mode
    committed) or `15` (neither)."""
    block_end: BlockEnd = "1c0d"
    """What ends a block: `1c` is for peers that leave out the final carriage return."""
    segment_end: SegmentEnd = "any"
    """What ends a segment: `any` lets the end of each `MSH` decide (CR, LF or CRLF), `cr` takes CR alone. Behind an
    `MSH` that ends with CR, a line feed is data."""
    charset: str | None = None
    """Character set that the peer really sends, as a name of HL7 table 0211, whatever `MSH-18` says."""
    when_unavailable: Literal["answer", "close"] = "answer"
    """Whether a peer whose message cannot be delivered now gets a negative answer or a closed connection."""
    application_ack: ApplicationAck = "same_connection"
    """In enhanced mode: send the application acknowledgement that `MSH-16` asks for, or never."""
    after_commit_nak: AfterCommitNak = "none"
    """In enhanced mode, what follows `CE` or `CR`: nothing, since the exchange has ended, or the application
    acknowledgement that `MSH-16` asks for, for peers that wait for it."""
    batch_answers: Literal["as_sent", "batch", "each"] = "as_sent"
    """How the messages of one block are answered: as one `batch`, or `each` in a block of its own. `as_sent`: as a
    batch where the block has a `BHS`, else each. A batch without messages always gets a batch."""
    batch_counts: Literal["refuse", "warn"] = "refuse"
    """What becomes of a batch that does not hold as many messages as its `BTS-1` says, or a file that holds neither as
    many batches nor as many messages as its `FTS-1` says: refused as a whole, or delivered and told in the log."""
    max_messages: Count = Field(default=10_000, ge=1)
    """Most messages in one block. One with more is refused as a whole, and answered as a batch where it came as one."""
    answers: AnswerCodes = AnswerCodes()
    """The acknowledgement for each outcome that is not positive."""

    @field_validator("charset")
    @classmethod
    def _charset_is_known(cls, charset: str | None) -> str | None:
        if charset is not None and codec(charset.split("~")) is None:
            raise ValueError("is not a character set that Hilum knows; use a name of HL7 table 0211, such as 8859/1")
        return charset


class MllpPeerSettings(PeerSettings, MllpPeerLimits):
    """Settings that differ for some of the peers of an MLLP listener."""

    networks: tuple[Network, ...] = Field(min_length=1)
    """Networks (CIDR) of these peers."""


class MllpListenerSettings(MllpPeerLimits, ListenerSettings):
    """A listener that takes HL7v2 over MLLP."""

    kind: Literal["mllp"]
    """HL7v2 over MLLP. An acknowledgement that comes in (`MSH-9` is `ACK`) is counted and logged, not delivered and not
    answered, unless its `MSH-15` or `MSH-16` asks for an answer: then it is delivered and answered as any message."""
    order_by: Literal["peer", "connection", "patient", "none"] = "peer"
    """In commit mode, which messages are delivered in the order received: those of one IP address, of one connection,
    of one patient (`PID-3`), or none. Messages of one sender and control ID are always delivered in that order. With
    `workers` above 1 the order is that of the commits in all workers (docs/spool.md)."""
    peers: dict[str, MllpPeerSettings] = Field(default_factory=dict)
    """Settings that differ for some peers, by a name for these peers; of several that match, the first counts."""
