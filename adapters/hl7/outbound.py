"""Prepares a message for a destination: octets as received, in UTF-8, or with the segment ends that a store needs."""

import re
from typing import Literal

from adapters.hl7.charset import decode
from adapters.hl7.er7 import Header, ending, lead
from gateway.contract.outcome import Refused

Charset = Literal["as_sent", "utf-8"]
SegmentEnds = Literal["as_sent", "cr"]
LineFeeds = Literal["as_sent", "escaped"]

NO_HEADER = Refused("The message does not begin with MSH", code="100")
_UTF_8 = "UNICODE UTF-8"
_BEFORE_A_SEGMENT = re.compile(rb"\r\n+")
_SEGMENT_END = re.compile(r"[\r\n]")


def prepare(
    data: bytes,
    sent_charset: str | None,
    *,
    charset: Charset,
    segment_end: SegmentEnds,
    line_feeds: LineFeeds = "as_sent",
) -> bytes | Refused:
    """Return the octets to send for *data*; the same object if nothing changes.

    *sent_charset* overrides ``MSH-18``, as ``Message.charset`` does. ``cr`` also drops what precedes ``MSH``, such as a
    byte-order mark. ``escaped`` writes line feeds that are text as hexadecimal escape sequences (HL7 2.7).
    """
    if segment_end == "cr":
        data = with_cr(data)
    if line_feeds == "escaped":
        data = _escape_line_feeds(data, 0 if segment_end == "cr" else lead(data))
    return data if charset == "as_sent" else _to_utf_8(data, sent_charset)


def with_cr(data: bytes) -> bytes:
    """Return *data* from its first segment on, with CR at the end of each segment, as the standard requires.

    The end of the first segment decides: if it is CR, line feeds are text and stay.
    """
    if b"\n" not in data and data.startswith(b"MSH"):
        return data
    start = lead(data)
    if ending(data, start) != b"\r":
        return data[start:].replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    data = data[start:]
    return _only_text(data) if b"\n" in data else data


def _only_text(data: bytes) -> bytes:
    """Replace line feeds outside of fields, before a segment and after the last one, by a segment end.

    One pattern for both would take quadratic time for a run of line feeds.
    """
    kept = data.rstrip(b"\n")
    if len(kept) < len(data) and not kept.endswith(b"\r"):
        kept += b"\r"
    return _BEFORE_A_SEGMENT.sub(b"\r", kept)


def _escape_line_feeds(data: bytes, start: int) -> bytes:
    """Escape the line feeds of *data*, whose first segment begins at *start*, if CR ends its segments."""
    if b"\n" not in data or ending(data, start) != b"\r":
        return data
    header = Header.parse(data)
    mark = header.delimiters.encoding[2:3] if header else b""
    return _only_text(data).replace(b"\n", mark + b"X0A" + mark if mark else b" ")


def _to_utf_8(data: bytes, sent_charset: str | None) -> bytes | Refused:
    header = Header.parse(data, sent_charset)
    if header is None or not header.usable:
        return NO_HEADER
    start = lead(data)
    data = data[:start].replace(b"\xef\xbb\xbf", b"") + data[start:]
    text = decode(data, header.charsets())
    return text if isinstance(text, Refused) else _name_utf_8(text, header).encode()


def _name_utf_8(text: str, header: Header) -> str:
    """Write ``MSH-18``; a segment that is too short gets empty fields before it."""
    separator = header.delimiters.field.decode()
    start = text.index("MSH")
    found = _SEGMENT_END.search(text, start)
    end = found.start() if found else len(text)
    fields = text[start:end].split(separator, 18)
    fields += [""] * (18 - len(fields))
    fields[17] = header.delimiters.escape(_UTF_8).decode()  # MSH-1 may be the hyphen
    return text[:start] + separator.join(fields) + text[end:]
