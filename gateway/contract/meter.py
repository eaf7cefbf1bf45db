"""The interface by which a listener reports its metrics, and the reasons that are metric labels."""

from enum import StrEnum
from typing import Protocol

from gateway.contract.associations import Association
from gateway.contract.causes import Notice


class Rejection(StrEnum):
    """Why a listener rejected a peer or its input: the label ``reason`` of ``hilum_rejections_total``."""

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
    RATE_LIMIT = "rate_limit"
    TLS_HANDSHAKE = "tls_handshake"
    TLS_ON_PLAIN_PORT = "tls_on_plain_port"
    TOKEN = "token"  # noqa: S105  no secret
    TOO_LARGE = "too_large"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_SLOW = "too_slow"
    WRITE_TIMEOUT = "write_timeout"


class Pause(StrEnum):
    """Why a listener paused reading from a peer: the label ``reason`` of ``hilum_pauses_total``."""

    MEMORY = "memory"
    """All peers together hold ``max_in_flight_bytes``."""
    QUEUE = "queue"
    """The peer has reached its limit of messages that wait for their outcome."""
    RATE = "rate"
    """The peer has sent more than its ``messages_per_second``."""
    STORE = "store"
    """The store takes the instance more slowly than the peer sends it."""
    WRITE = "write"
    """The peer does not read its answers."""


class ListenerMeter(Protocol):
    """Counts for the metrics of one listener."""

    def connected(self, address: str = "") -> None:
        """Count an accepted peer; *address* is its ``ip:port``."""

    def disconnected(self, address: str = "") -> None:
        """Count a closed connection (once per :meth:`connected`, with the same *address*)."""

    def received(self, size: int) -> None:
        """Count one complete message of *size* octets."""

    def answered(self, answer: str, seconds: float) -> None:
        """Count an answer (``AA``, ``A700``, ``none``, …), *seconds* after the last byte of its message arrived."""

    def rejected(self, reason: Rejection, peer_ip: str = "", claim: str = "") -> None:
        """Count a rejected peer or input; *claim* is the name that the peer gave itself, such as its AE title."""

    def skipped(self, count: int) -> None:
        """Count *count* stray octets between messages."""

    def paused(self, reason: Pause) -> None:
        """Count a pause in reading from a peer."""

    def noticed(self, notice: Notice) -> None:
        """Record what was noticed of a peer, for operators; it counts nothing."""

    def associated(self, association: Association, /) -> None:
        """Keep an association that was answered, for operators; the caller changes it while it lasts."""

    def recorded(self, row: tuple[object, ...], /) -> None:
        """Keep what became of a message: the values of a ``contract.journal.Answered``, once for each message."""


class Passed(StrEnum):
    """What became of a message that was fetched: the label ``result`` of ``hilum_source_messages_total``."""

    DELIVERED = "delivered"
    """The destination has it, or in commit mode the spool."""
    GONE = "gone"
    """It is not in the store any more."""
    IRRELEVANT = "irrelevant"
    """The condition in the settings leaves it out, or it was created before the first start."""
    OWN = "own"
    """Hilum itself has ingested it."""
    REPEATED = "repeated"
    """It has been delivered before in the version that the store has."""
    SKIPPED = "skipped"
    """It was refused, and ``on_refused`` is `skip`."""
    UNROUTED = "unrouted"
    """No route takes it."""


class SourceMeter(Protocol):
    """Counts for the metrics of a listener that fetches messages."""

    def notified(self, count: int) -> None:
        """Count *count* notifications."""

    def reconciled(self) -> None:
        """Count a look at the store that no notification has asked for."""

    def passed(self, result: Passed) -> None:
        """Count a message that is done with."""

    def late(self) -> None:
        """Count a message that the store showed only after newer ones had been delivered."""

    def refused(self) -> None:
        """Count a try to deliver a message that was refused or failed."""

    def failed(self, part: str) -> None:
        """Count a request to the *part* (``subscription`` or ``store``) that failed."""

    def lag(self, seconds: float) -> None:
        """Show the age of the oldest message that is known and not done with; 0 if there is none."""
