"""The store's own acknowledgements, positive and negative (HL7 2.9.2)."""

import uuid
from datetime import UTC, datetime

from gateway.sandbox.hl7v2.message import Fault, Header

# HL7 table 0357
CONDITIONS = {
    100: b"Segment sequence error",
    101: b"Required field missing",
    102: b"Data type error",
    205: b"Duplicate key identifier",
}


def acknowledge(header: Header) -> bytes:
    """Return the ACK for a message that is stored."""
    return _join(header, _reply_header(header), [b"MSA", b"AA", header.field(10)])


def refuse(header: Header | None, fault: Fault) -> bytes:
    """Return the NACK that reports *fault*; without a header it has no receiver."""
    header = header or Header()
    # The delimiters of the sender may occur in the sentence; they are replaced by blanks.
    reason = fault.reason.encode("ascii").translate(bytes.maketrans(*_blanked(header)))
    if _version(header) < (2, 5):
        return _join(header, _reply_header(header), [b"MSA", b"AE", header.field(10), reason])
    condition = header.component_separator.join([b"%d" % fault.code, CONDITIONS[fault.code], b"HL70357"])
    error = [b"ERR", b"", b"", condition, b"E", b"", b"", b"", reason]
    return _join(header, _reply_header(header), [b"MSA", b"AE", header.field(10)], error)


def _blanked(header: Header) -> tuple[bytes, bytes]:
    delimiters = header.field_separator + header.encoding_characters
    return delimiters, b" " * len(delimiters)


def _reply_header(header: Header) -> list[bytes]:
    moment = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000").encode()
    fields = [b"MSH", header.encoding_characters, *(header.field(number) for number in (5, 6, 3, 4)), moment, b""]
    fields += [_message_type(header), uuid.uuid4().hex[:20].encode(), header.field(11), header.field(12)]
    character_set = header.field(18)
    return [*fields, b"", b"", b"", b"", b"", character_set] if character_set else fields


def _message_type(header: Header) -> bytes:
    event = header.component(9, 2)
    # The message structure, MSH-9.3, exists since 2.3.1.
    if not event or _version(header) < (2, 3, 1):
        return b"ACK"
    return header.component_separator.join([b"ACK", event, b"ACK"])


def _version(header: Header) -> tuple[int, ...]:
    """Return MSH-12 as numbers; a version that cannot be parsed counts as older than all others."""
    parts = header.component(12, 1).split(b".")
    return tuple(int(part) for part in parts) if all(part.isdigit() and len(part) < 3 for part in parts) else ()


def _join(header: Header, *segments: list[bytes]) -> bytes:
    return b"".join(header.field_separator.join(segment) + b"\r" for segment in segments)
