"""RFC 5424 messages that carry an audit message as PS3.15 A.6 requires, and their framing on a stream."""

from dataclasses import dataclass
from datetime import UTC

from gateway.audit.message import SECURITY_ALERT, AuditMessage
from gateway.audit.rendering import as_xml

SECURITY = 10  # facility, RFC 5424 table 1: security/authorization messages
WARNING, NOTICE = 4, 5  # severity, RFC 5424 table 2
MESSAGE_ID = "DICOM+RFC3881"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # RFC 5424 6.4: MSG-UTF8
MOST_OCTETS_IN_DATAGRAM = 65_507  # UDP over IPv4
LEAST_OCTETS_IN_DATAGRAM = 480  # every receiver must accept this size (RFC 5426 3.2)


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender as named in the syslog header."""

    host: str
    process_id: str

    def syslog(self, message: AuditMessage) -> bytes:
        """Return the RFC 5424 message."""
        priority = SECURITY * 8 + (WARNING if message.event == SECURITY_ALERT else NOTICE)
        time = message.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        names = " ".join((_printable(self.host, 255), "hilum", _printable(self.process_id, 128), MESSAGE_ID))
        return f"<{priority}>1 {time} {names} - ".encode() + BYTE_ORDER_MARK + as_xml(message)

    def size(self, message: AuditMessage) -> int:
        """Return how many octets the RFC 5424 message has."""
        return len(self.syslog(message))


def count_octets(message: bytes) -> bytes:
    """Return *message* as a frame of a stream (RFC 5425 4.3)."""
    return str(len(message)).encode() + b" " + message


def _printable(text: str, most: int) -> str:
    """Return *text* as RFC 5424 6 allows it in a header field: no space, printable ASCII, never empty."""
    return "".join(char if "!" <= char <= "~" else "?" for char in text[:most]) or "-"
