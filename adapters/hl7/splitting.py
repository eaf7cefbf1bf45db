"""Finds the headers in a block: which names begin a message or a batch, which are text, and which are unclear.

A name such as ``MSH`` with a delimiter after it begins a message if it follows a segment end. The end of the preceding
header decides which octets end a segment: if it is CR, a line feed is text (HL7 2.5, 2.5.4). The name must also look
like a header: ``MSH-5 is wrong`` is either a line of a text that holds a raw CR, or a damaged message. This cannot be
decided, and to deliver only the part before it would lose the rest. Between the segment end and the name there may be
what joined files leave there: blanks, a form feed, NUL, a byte-order mark.

Inside a text segment, such as OBX, the name is text, as in a quoted mail; but a whole header there, with its delimiters
and a message type, may also be a message after one that has lost its last segment end. In any other segment headers are
not quoted, so a name with its delimiters is enough for this doubt. If it cannot be decided, the block is refused,
because two messages taken for one would put two patients into one record.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice

from adapters.hl7.er7 import SegmentEnd, ending

_PUNCTUATION = rb"[!-/:-@\[-`{-~]"
# A delimiter must follow: "MSH" alone in a line is data (SS-MIX2 lists segment names that way). One pattern for each
# name: searching for a literal is ten times as fast as searching for alternatives.
_MSH, *_HEADERS = [re.compile(name + rb"(?=" + _PUNCTUATION + rb")") for name in (b"MSH", b"BHS", b"FHS")]
# A trailer may consist of its name alone.
_TRAILERS = [re.compile(name + rb"(?=" + _PUNCTUATION + rb"|[\r\n]|\Z)") for name in (b"BTS", b"FTS")]
_FIRST = re.compile(rb"MSH|BHS|FHS")
_WHOLE_HEADER = re.compile(rb"(?:MSH|BHS|FHS)(" + _PUNCTUATION + rb")(?:(?!\1)" + _PUNCTUATION + rb"){3,5}\1")
# If the delimiter is known, encoding characters may be missing or incomplete.
_PLAIN_HEADER = re.compile(rb"(?:MSH|BHS|FHS)(" + _PUNCTUATION + rb")" + _PUNCTUATION + rb"{0,5}(?:\1|[\r\n]|\Z)")
_MESSAGE_TYPE = re.compile(rb"[A-Z][A-Z0-9]{2}(?![A-Za-z0-9])")
_TEXTS = (b"OBX", b"NTE", b"TXA", b"ADD", b"DSP")
"""Segments with free text, in which a header may be quoted."""
_LINE_END = re.compile(rb"[\r\n]")
_PREVIOUS = re.compile(rb"[^\r\n]*[\r\n]+")
_FILLERS = b" \t\r\n\v\f\0\x1a\xef\xbb\xbf"  # the last three are the byte-order mark, 1A ends a file of DOS
_WIDEST_GAP = 256
_LONGEST_LINE = 1024
"""Octets of a possible header inside a segment that are examined."""
_NAMES_A_MESSAGE = 4
"""Names that are examined for each allowed message: its own, and those of a batch around it."""
_MORE_NAMES = 1000
"""Names that are examined in addition, for those in texts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message or a segment of a batch begins."""

    at: int
    before: int
    """Where the one before it ends; the octets in between belong to neither."""


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers and trailers of a block."""

    places: list[Place]
    unclear: bool = False
    """Whether there is something else that may be a header."""
    too_many: bool = False
    messages: int = field(default=0, compare=False)
    """How many of the places begin with ``MSH``."""


def headers(data: bytes, start: int, segment_end: SegmentEnd, most: int, *, in_lines: bool = False) -> Headers:
    """Return where *data*, whose first segment begins at *start*, has headers and trailers; at most *most* messages.

    With *in_lines* a whole header after a line feed begins a message, as in a file with one message per line.
    """
    if data.startswith(b"MSH", start):
        candidates = _candidates(data, start, [_MSH, *_TRAILERS])
        found = _classify(data, start, segment_end, candidates, most, in_lines=in_lines)
        if found.messages == 1 and not found.unclear:
            return found  # the usual case; batch headers inside one message are text
    candidates = _candidates(data, start, [_MSH, *_HEADERS, *_TRAILERS])
    return _classify(data, start, segment_end, candidates, most, in_lines=in_lines)


def _candidates(data: bytes, start: int, names: Iterable[re.Pattern[bytes]]) -> Iterator[int]:
    return merge(*((found.start() for found in name.finditer(data, start)) for name in names))


def _classify(
    data: bytes, start: int, segment_end: SegmentEnd, candidates: Iterator[int], most: int, *, in_lines: bool
) -> Headers:
    places = [Place(start, start)] if _FIRST.match(data, start) else []
    messages = int(data.startswith(b"MSH", start))
    unclear = False
    ends = ending(data, start, segment_end)
    delimiters = {data[start + 3 : start + 4]}
    segment = looked = start
    for at in islice(candidates, _NAMES_A_MESSAGE * most + _MORE_NAMES):
        gap = _gap(data, at)
        if at == start:
            continue
        segment, looked = max(segment, _last_end(data, looked, at, ends)), at
        begins = any(end in gap for end in ends)
        if not begins and _may_begin_a_message(data, at, segment, ends):
            begins = in_lines and b"\n" in gap
            unclear |= not begins
        elif begins and not _looks_like_a_header(data, at, delimiters):
            begins = False  # a text that begins with the name of a trailer is not unclear
            unclear |= not data.startswith((b"BTS", b"FTS"), at)
        if begins:
            delimiters.add(data[at + 3 : at + 4])
            messages += data.startswith(b"MSH", at)
            if messages > most:
                return Headers(places, unclear, too_many=True, messages=most)
            places.append(Place(at, _end_of_previous(at, gap)))
            ends, segment = ending(data, at, segment_end), at
    return Headers(places, unclear, too_many=next(candidates, None) is not None, messages=messages)


def _gap(data: bytes, at: int) -> bytes:
    """Return the octets before *at* that may separate two messages."""
    before = data[max(0, at - _WIDEST_GAP) : at]
    return before[len(before.rstrip(_FILLERS)) :]


def _end_of_previous(at: int, gap: bytes) -> int:
    """Return where the message before *at* ends: after its segment ends. A blank before these belongs to it."""
    found = _PREVIOUS.match(gap)
    return at - len(gap) + (found.end() if found else 0)


def _looks_like_a_header(data: bytes, at: int, delimiters: set[bytes]) -> bool:
    """Return whether the name at *at* begins a header: a whole one, or one with the delimiter of an earlier header."""
    if data.startswith((b"BTS", b"FTS"), at):
        return data[at + 3 : at + 4] in {*delimiters, b"", b"\r", b"\n"}
    known = _PLAIN_HEADER.match(data, at) is not None and data[at + 3 : at + 4] in delimiters
    return known or _WHOLE_HEADER.match(data, at) is not None


def _last_end(data: bytes, since: int, at: int, ends: bytes) -> int:
    """Return where the segment that holds *at* begins, if a segment ended between *since* and *at*; else 0."""
    return max(data.rfind(bytes([end]), since, at) for end in ends) + 1


def _may_begin_a_message(data: bytes, at: int, segment: int, ends: bytes) -> bool:
    """Return whether there may be a header at *at*, inside the segment that begins at *segment*.

    In a text segment only a header with a message type and a valid end counts.
    """
    beginning = data[at : at + _LONGEST_LINE]
    whole = _WHOLE_HEADER.match(beginning)
    if whole is None or not data[segment : segment + _WIDEST_GAP].lstrip(_FILLERS).startswith(_TEXTS):
        return whole is not None
    end = _LINE_END.search(beginning)
    if end is not None and end[0] not in ends:
        return False
    if not beginning.startswith(b"MSH"):
        return True
    fields = beginning[: end.start() if end else None].split(whole[1], 9)
    return len(fields) > 8 and _MESSAGE_TYPE.match(fields[8]) is not None
