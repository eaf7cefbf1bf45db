"""Splits the content of one MLLP block into messages, and wraps the answers to a batch.

A block holds one message, or a batch: ``FHS``/``BHS`` … ``BTS``/``FTS`` (HL7 2.10.3). Some senders put several messages
in a block without any batch header; there each ``MSH`` begins a message, too, because delivering them as one would lose
all but the first. Several ``BHS`` in one file are answered by one batch.

A trailer may say how many messages its batch has, or how many batches its file. If the number is wrong, or if the block
ends inside a segment of a batch, a part of it has been lost.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from adapters.hl7.acknowledgement import reply_fields
from adapters.hl7.er7 import Header, SegmentEnd, ending, lead
from adapters.hl7.splitting import Place, headers
from gateway.contract.outcome import Refused

MOST_MESSAGES = 10_000
"""Most messages in one block; a block with more is refused as a whole."""

ORPHANS = Refused("There are segments before the first MSH", code="100")
TOO_MANY = Refused("The block holds more messages than max_messages allows", code="207")
CUT_SHORT = Refused("The batch ends inside a segment, so a part of it is missing", code="100")
STRAY = Refused("Segments after a batch header or trailer belong to no message", code="100")
MISCOUNTED = Refused("The batch does not hold as many messages or batches as its trailer says", code="100")
UNCLEAR = Refused("A segment or a text holds what may be the header of another message", code="100")

_TRAILER = re.compile(rb"[BF]TS([^\r\n])((?:(?!\1)[^\r\n]){0,40})")
_NUMBER = re.compile(rb"([+-]?[0-9]{1,18})(?:\.0{0,18})?")  # HL7 2.A.47 NM: a sign and decimals are allowed
_LONGEST_TAIL = 256
_BEHIND_THE_LAST = b" \t\0\f\x1a\xef\xbb\xbf"  # what may follow the last segment in a file; 1A ends a DOS file


@dataclass(frozen=True, slots=True)
class Cut:
    """The content of a block."""

    messages: Sequence[bytes]
    """Each from its ``MSH`` to the next message or batch segment; a single message is the whole block."""
    batch: bool = False
    """Whether the block holds several messages, or a segment of a batch."""
    refusal: Refused | None = None
    """Why nothing of the block is delivered; *messages* may then hold just the first ``MSH``, to be answered."""
    envelope: Sequence[Header] = ()
    """The ``FHS`` and ``BHS`` that were received, at most one of each."""
    miscounted: bool = False
    """Whether a trailer, ``BTS-1`` or ``FTS-1``, gives a wrong number."""

    @property
    def has_batch_header(self) -> bool:
        """Whether a ``BHS`` was received."""
        return any(header.fields[0] == b"BHS" for header in self.envelope)


def cut(data: bytes, segment_end: SegmentEnd = "any", most: int = MOST_MESSAGES, *, in_lines: bool = False) -> Cut:
    """Split *data* into messages; without any ``MSH`` or batch header there are none. Never raises.

    *in_lines* is for files: there a whole header after a line feed begins a message, whatever ends the segments.
    """
    start = 0 if data.startswith(b"MSH") else lead(data)
    if data.startswith(b"MSH", start) and all(data.find(name, start + 3) < 0 for name in (b"MSH", b"BTS", b"FTS")):
        return Cut([data])
    found = headers(data, start, segment_end, most, in_lines=in_lines)
    inside = data.find(b"MSH") if found.unclear else -1  # answered if there is no other MSH
    first = next((place.at for place in found.places if data.startswith(b"MSH", place.at)), inside)
    refusal = _refusal(start, found.places, unclear=found.unclear, too_many=found.too_many)
    if first >= 0 and refusal is not None:
        envelope = _envelope(data, found.places, segment_end)
        return Cut([data[first:]], bool(envelope) or found.too_many, refusal, envelope)
    return _cut_batch(data, found.places, segment_end)


def begins(data: bytes) -> bool:
    """Return whether *data* begins with a message or a batch."""
    return data.startswith((b"MSH", b"BHS", b"FHS"), lead(data))


def wrap(content: Cut, answers: Sequence[bytes], *, control_id: str, now: datetime) -> bytes:
    """Return *answers* as the batch that answers *content*, in ``FHS`` … ``FTS`` if *content* had these."""
    received = {header.fields[0]: header for header in content.envelope}
    file_header = received.get(b"FHS")
    batch_header = received.get(b"BHS") or file_header or Header.parse(content.messages[0])
    if batch_header is None:
        return b"".join(answers)
    segments = [_reply_header(b"BHS", batch_header, control_id, now), *(answer.rstrip(b"\r") for answer in answers)]
    segments.append(batch_header.delimiters.field.join((b"BTS", b"%d" % len(answers))))
    if file_header is not None:
        segments.insert(0, _reply_header(b"FHS", file_header, control_id, now))
        segments.append(file_header.delimiters.field.join((b"FTS", b"1")))
    return b"\r".join(segments) + b"\r"


def _refusal(start: int, places: Sequence[Place], *, unclear: bool, too_many: bool) -> Refused | None:
    if not places or places[0].at != start:
        return ORPHANS
    if too_many:
        return TOO_MANY
    return UNCLEAR if unclear else None


def _cut_batch(data: bytes, places: Sequence[Place], segment_end: SegmentEnd) -> Cut:
    parts = pairwise([*places, Place(len(data), len(data))])
    messages = [data[place.at : behind.before] for place, behind in parts if data.startswith(b"MSH", place.at)]
    envelope = _envelope(data, places, segment_end)
    if not envelope and len(messages) < 2:
        return Cut([data] if messages else [], miscounted=bool(messages) and _is_rest_of_a_batch(data, places))
    miscounted = any(_miscounts(data, places))
    refusal = STRAY if _has_strays(data, places, segment_end) else None
    if envelope and _is_cut_short(data, places[-1].at, segment_end):
        refusal = CUT_SHORT
    return Cut(messages, True, refusal, envelope, miscounted)


def _has_strays(data: bytes, places: Sequence[Place], segment_end: SegmentEnd) -> bool:
    """Return whether segments follow a batch header or trailer: they would belong to no message, and be lost."""
    for place, following in pairwise([*places, Place(len(data), len(data))]):
        if not data.startswith(b"MSH", place.at):
            ends = ending(data, place.at, segment_end)
            at = min((at for end in ends if (at := data.find(end, place.at, following.at)) >= 0), default=following.at)
            if data[at : following.at].strip(_BEHIND_THE_LAST + b"\r\n"):
                return True
    return False


def _envelope(data: bytes, places: Sequence[Place], segment_end: SegmentEnd) -> list[Header]:
    found: dict[bytes, Header] = {}
    for place, following in pairwise([*places, Place(len(data), len(data))]):
        name = data[place.at : place.at + 3]
        if name in (b"FHS", b"BHS") and name not in found:
            header = Header.parse(data[place.at : following.before], name=name, segment_end=segment_end)
            found |= {name: header} if header else {}
    return list(found.values())


def _is_cut_short(data: bytes, last: int, segment_end: SegmentEnd) -> bool:
    """Return whether *data* ends inside a segment. A trailer needs no end, because it holds no part of a message."""
    if data.startswith((b"BTS", b"FTS"), last):
        return False
    tail = data[-_LONGEST_TAIL:].rstrip(_BEHIND_THE_LAST)
    return tail[-1:] not in [bytes([end]) for end in ending(data, last, segment_end)]


def _is_rest_of_a_batch(data: bytes, places: Sequence[Place]) -> bool:
    """Return whether a trailer after a single message says that there were more: the batch has lost its beginning."""
    component = _component(data, places)
    trailers = [place.at for place in places if data.startswith((b"BTS", b"FTS"), place.at)]
    return any((_count(data, at, component) or 0) > 1 for at in trailers)


def _miscounts(data: bytes, places: Sequence[Place]) -> Iterator[bool]:
    """Yield for each trailer whether its number is wrong."""
    component = _component(data, places)
    messages = messages_of_file = batches = 0
    for place in places:
        match data[place.at : place.at + 3]:
            case b"MSH":
                messages, messages_of_file = messages + 1, messages_of_file + 1
            case b"BHS":
                messages, batches = 0, batches + 1
            case b"BTS":
                yield _count(data, place.at, component) not in (None, messages)
                messages = 0
            case b"FTS":
                # FTS-1 is the number of batches; a file without BHS has one, or none. Some senders count messages.
                allowed = (batches or int(messages_of_file > 0), messages_of_file)
                yield _count(data, place.at, component) not in (None, *allowed)
                messages = messages_of_file = batches = 0


def _component(data: bytes, places: Sequence[Place]) -> bytes:
    """Return the component delimiter: the first octet of the second field of the first header."""
    return data[places[0].at + 4 : places[0].at + 5] or b"^"


def _count(data: bytes, at: int, component: bytes) -> int | None:
    """Return the first field of the trailer at *at*; None if it has no value, -1 if the value is no number."""
    found = _TRAILER.match(data, at)
    value = found[2].partition(component)[0].strip() if found else b""
    number = _NUMBER.fullmatch(value)
    if number is None:
        return -1 if value else None
    return int(number[1])


def _reply_header(name: bytes, header: Header, control_id: str, now: datetime) -> bytes:
    # BHS-8 to BHS-10: security, name, comment; BHS-11: Hilum's control ID; BHS-12: the sender's. FHS likewise.
    fields = [*reply_fields(name, header, now), b"", b"", b"", control_id.encode(), header.field(11)]
    return header.delimiters.field.join(fields).translate(None, b"\x0b\x1c\n\0")
