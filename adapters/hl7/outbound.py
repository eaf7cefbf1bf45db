"""What a destination sends of a message: the octets as received, in UTF-8, or with the segment ends a store needs."""

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
    """Return what to send for *data*; the very same object where nothing is to be changed.

    *sent_charset* overrides ``MSH-18``, as ``Message.charset`` does. ``cr`` also drops what stands before ``MSH``,
    such as a byte-order mark. ``escaped`` writes line feeds that are text as HL7 2.7 has it for other octets.
    """
    if segment_end == "cr":
        data = with_cr(data)
    if line_feeds == "escaped":
        data = _escape_line_feeds(data)
    return data if charset == "as_sent" else _to_utf_8(data, sent_charset)


def with_cr(data: bytes) -> bytes:
    """Return *data* from its first segment on, each segment ended by CR as the standard has it.

    What ends the first one decides for all: where it is CR, a line feed stays in the text it is in.
    """
    start = lead(data)
    if ending(data, start) != b"\r":
        return data[start:].replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    data = data[start:]
    return _only_text(data) if b"\n" in data else data


def _only_text(data: bytes) -> bytes:
    """Replace line feeds that stand in no field, before a segment and behind the last one, by the end of a segment.

    A pattern for both would look at each run of line feeds once for each of them.
    """
    kept = data.rstrip(b"\n")
    if len(kept) < len(data) and not kept.endswith(b"\r"):
        kept += b"\r"
    return _BEFORE_A_SEGMENT.sub(b"\r", kept)


def _escape_line_feeds(data: bytes) -> bytes:
    if b"\n" not in data or ending(data, lead(data)) != b"\r":
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
    """Write ``MSH-18``, lengthening the segment where it is too short."""
    separator = header.delimiters.field.decode()
    start = text.index("MSH")
    found = _SEGMENT_END.search(text, start)
    end = found.start() if found else len(text)
    fields = text[start:end].split(separator, 18)
    fields += [""] * (18 - len(fields))
    fields[17] = header.delimiters.escape(_UTF_8).decode()  # MSH-1 may be the hyphen
    return text[:start] + separator.join(fields) + text[end:]
