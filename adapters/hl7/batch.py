"""Cuts what one MLLP block holds into messages, and wraps the answers to a batch.

A block holds one message, or a batch: ``FHS``/``BHS`` … ``BTS``/``FTS`` (HL7 2.10.3). Real senders also put several
messages in a block without any batch header; each ``MSH`` is a message there too, since delivering them as one would
lose all but the first. Several ``BHS`` in one file are answered by one batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from adapters.hl7.acknowledgement import reply_fields
from adapters.hl7.er7 import Header, SegmentEnd, lead
from adapters.hl7.splitting import Place, headers
from gateway.message import Refused

MOST_SEGMENTS = 10_000
"""Messages and batch segments in one block; more are refused together."""

ORPHANS = Refused("Segments of no message stand before the first MSH", code="100")
TOO_MANY = Refused("The batch holds more messages than are taken at once", code="207")
UNCLEAR = Refused("A second header stands inside a segment and may begin another message", code="100")


@dataclass(frozen=True, slots=True)
class Cut:
    """What a block holds."""

    messages: Sequence[bytes]
    """Each from its ``MSH`` to before the next message or batch segment; a lone message is the block itself."""
    batch: bool = False
    """Whether it holds several messages, or anything of a batch."""
    refusal: Refused | None = None
    """Why nothing of the block is delivered; the one message is then the ``MSH`` that survives, to be answered so."""
    envelope: Sequence[Header] = ()
    """The ``FHS`` and ``BHS`` that were received, at most one of each."""

    @property
    def has_batch_header(self) -> bool:
        """Whether a ``BHS`` was received."""
        return any(header.fields[0] == b"BHS" for header in self.envelope)


def cut(data: bytes, segment_end: SegmentEnd = "any", most: int = MOST_SEGMENTS, *, in_lines: bool = False) -> Cut:
    """Cut *data* into messages; without any ``MSH`` or batch header there are none. Never raises.

    *in_lines* is for files: there, a whole header behind a line feed begins a message whatever ends its segments.
    """
    start = 0 if data.startswith(b"MSH") else lead(data)
    if data.startswith(b"MSH", start) and data.find(b"MSH", start + 3) < 0:
        return Cut([data])
    found = headers(data, start, segment_end, most, in_lines=in_lines)
    first = next((place.at for place in found.places if data.startswith(b"MSH", place.at)), None)
    refusal = _refusal(start, found.places, unclear=found.unclear, too_many=found.too_many)
    if first is not None and refusal is not None:
        return Cut([data[first:]], refusal=refusal)
    return _cut_batch(data, found.places, segment_end)


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


def _refusal(start: int, places: Sequence[Place], *, unclear: bool, too_many: bool) -> Refused | None:
    if not places or places[0].at != start:
        return ORPHANS
    if too_many:
        return TOO_MANY
    return UNCLEAR if unclear else None


def _cut_batch(data: bytes, places: Sequence[Place], segment_end: SegmentEnd) -> Cut:
    messages: list[bytes] = []
    envelope: dict[bytes, Header] = {}
    for place, following in pairwise([*places, Place(len(data), len(data))]):
        segments = data[place.at : following.before]
        name = segments[:3]
        if name == b"MSH":
            messages.append(segments)
        elif name in (b"FHS", b"BHS") and name not in envelope:
            header = Header.parse(segments, name=name, segment_end=segment_end)
            envelope |= {name: header} if header else {}
    if envelope or len(messages) > 1:
        return Cut(messages, batch=True, envelope=list(envelope.values()))
    return Cut([data] if messages else [])


def _reply_header(name: bytes, header: Header, control_id: str, now: datetime) -> bytes:
    # BHS-8 to BHS-10 are security, name and comment; BHS-11 is our control ID, BHS-12 theirs. FHS has the same fields.
    fields = [*reply_fields(name, header, now), b"", b"", b"", control_id.encode(), header.field(11)]
    return header.delimiters.field.join(fields).translate(None, b"\x0b\x1c\n\0")
