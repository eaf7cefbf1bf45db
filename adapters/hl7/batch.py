"""Cuts what one MLLP block holds into messages, and wraps the answers to a batch.

A block holds one message, or a batch: ``FHS``/``BHS`` … ``BTS``/``FTS`` (HL7 2.10.3). Real senders also put several
messages in a block without any batch header; each ``MSH`` is a message there too, since delivering them as one would
lose all but the first. Several ``BHS`` in one file are answered by one batch.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise

from adapters.hl7.acknowledgement import reply_fields
from adapters.hl7.er7 import Header, SegmentEnd, lead
from gateway.message import Refused

# A delimiter must follow: "MSH" alone in a line is data (SS-MIX2 lists segment names that way).
_NAMES = rb"(MSH|BHS|BTS|FHS|FTS)(?=[!-/:-@\[-`{-~])"
_AFTER_END = {"any": re.compile(rb"[\r\n]" + _NAMES), "cr": re.compile(rb"\r" + _NAMES)}
_FIRST = re.compile(rb"MSH|BHS|FHS")
MOST_SEGMENTS = 10_000
"""Messages and batch segments in one block; more are refused together."""

ORPHANS = Refused("Segments of no message stand before the first MSH", code="100")
TOO_MANY = Refused("The batch holds more messages than are taken at once", code="207")


@dataclass(frozen=True, slots=True)
class Cut:
    """What a block holds."""

    messages: Sequence[bytes]
    """Each from its ``MSH`` to before the next message or batch segment; a lone message is the block itself."""
    batch: bool = False
    """Whether one batch of answers goes back."""
    refusal: Refused | None = None
    """Why nothing of the block is delivered; the one message is then the ``MSH`` that survives, to be answered so."""
    envelope: Sequence[Header] = ()
    """The ``FHS`` and ``BHS`` that were received, at most one of each."""


def cut(data: bytes, segment_end: SegmentEnd = "any", most: int = MOST_SEGMENTS) -> Cut:
    """Cut *data* into messages; without any ``MSH`` or batch header there are none. Never raises."""
    start = 0 if data.startswith(b"MSH") else lead(data)
    if data.startswith(b"MSH", start) and data.find(b"MSH", start + 3) < 0:
        return Cut([data])
    starts = list(islice(_segment_starts(data, start, segment_end), most + 1))
    first = next((at for at in starts if data.startswith(b"MSH", at)), None)
    if first is not None and not _FIRST.match(data, start):
        return Cut([data[first:]], refusal=ORPHANS)
    if first is not None and len(starts) > most:
        return Cut([data[first:]], refusal=TOO_MANY)
    return _cut_batch(data, starts, segment_end)


def wrap(content: Cut, answers: Sequence[bytes], *, control_id: str, now: datetime) -> bytes:
    """Return *answers* as the batch that goes back for *content*, in ``FHS`` … ``FTS`` if those were received."""
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


def _cut_batch(data: bytes, starts: Sequence[int], segment_end: SegmentEnd) -> Cut:
    messages: list[bytes] = []
    envelope: dict[bytes, Header] = {}
    for at, end in pairwise([*starts, len(data)]):
        name = data[at : at + 3]
        if name == b"MSH":
            messages.append(data[at:end])
        elif name in (b"FHS", b"BHS") and name not in envelope:
            header = Header.parse(data[at:end], name=name, segment_end=segment_end)
            envelope |= {name: header} if header else {}
    if envelope or len(messages) > 1:
        return Cut(messages, batch=True, envelope=list(envelope.values()))
    return Cut([data] if messages else [])


def _segment_starts(data: bytes, start: int, segment_end: SegmentEnd) -> Iterator[int]:
    if _FIRST.match(data, start):
        yield start
    for found in _AFTER_END[segment_end].finditer(data, start):
        yield found.start(1)


def _reply_header(name: bytes, header: Header, control_id: str, now: datetime) -> bytes:
    # BHS-8 to BHS-10 are security, name and comment; BHS-11 is our control ID, BHS-12 theirs. FHS has the same fields.
    fields = [*reply_fields(name, header, now), b"", b"", b"", control_id.encode(), header.field(11)]
    return header.delimiters.field.join(fields).translate(None, b"\x0b\x1c\n\0")
