"""A message split into segments, and into fields on demand; joined again, the octets are the same."""

import re

from adapters.hl7.editing.alphabet import Alphabet
from adapters.hl7.editing.escapes import Escapes, escapes_of
from adapters.hl7.editing.refusals import TOO_MANY_SEGMENTS
from adapters.hl7.er7 import Delimiters, Header, ending, lead
from adapters.hl7.intake import NO_DELIMITER
from adapters.hl7.outbound import NO_HEADER
from gateway.contract.outcome import Refused

_ANY_END = re.compile(rb"([\r\n]+)")
# If CR ends the header, a line feed is text, but not directly after a CR.
_CR_END = re.compile(rb"(\r[\r\n]*)")

MOST_SEGMENTS = 1_000_000
"""Most segments of a message: a hostile message with more would take many times its size in memory."""
_MOST_FIELDS = 1000
"""Most fields that a segment is split into; no path names a later one, and the rest stays in one piece."""


class Segments:
    """The segments of one message, which may be changed."""

    def __init__(self, data: bytes, header: Header) -> None:
        self.delimiters: Delimiters = header.delimiters
        self.charsets = header.charsets()
        """Names of HL7 table 0211; the first one is the character set of the message."""
        self.alphabet = Alphabet(self.charsets, data)
        self.escapes: Escapes = escapes_of(header.delimiters)
        start = lead(data)
        self._before, body = data[:start], data[start:]
        with_cr = ending(data, start) == b"\r"
        cut = body.rstrip(b"\n") if with_cr else body
        self._behind = body[len(cut) :]
        # A segment, its end, the next segment, its end, …, and the octets after the last end.
        self._pieces = (_CR_END if with_cr else _ANY_END).split(cut, MOST_SEGMENTS)
        self._places: dict[bytes, list[int]] | None = None
        self._fields: dict[int, list[bytes]] = {}

    @property
    def are_too_many(self) -> bool:
        """Whether there are more than MOST_SEGMENTS."""
        return len(self._pieces) > 2 * MOST_SEGMENTS

    def named(self, name: str, occurrence: int | None = None) -> list[int]:
        """Return the places of all segments with this name, or of the one with number *occurrence*."""
        if self._places is None:
            self._places = self._find()
        places = self._places.get(name.encode(), [])
        return list(places) if occurrence is None else places[occurrence - 1 : occurrence]

    def field(self, place: int, number: int) -> bytes:
        """Return a field as it is now; empty if the segment is shorter."""
        fields = self._split(place)
        index = number - 1 if fields[0] == b"MSH" else number  # MSH-1 is the delimiter itself
        return fields[index] if index < len(fields) else b""

    def put(self, place: int, number: int, value: bytes) -> None:
        """Change a field; a segment that is shorter gets empty fields before it."""
        fields = self._split(place)
        index = number - 1 if fields[0] == b"MSH" else number
        missing = index + 1 - len(fields)
        if value or missing <= 0:
            fields += [b""] * missing
            fields[index] = value

    def remove(self, place: int) -> None:
        """Remove a segment with its end."""
        self._fields.pop(place, None)
        self._places = None
        self._pieces[place : place + 2] = [b""] * len(self._pieces[place : place + 2])

    def join(self) -> bytes:
        """Return the message as it is now."""
        for place, fields in self._fields.items():
            self._pieces[place] = self.delimiters.field.join(fields)
        return b"".join([self._before, *self._pieces, self._behind])

    def _find(self) -> dict[bytes, list[int]]:
        found: dict[bytes, list[int]] = {}
        behind_a_name = (self.delimiters.field, b"")
        for place in range(0, len(self._pieces), 2):
            piece = self._pieces[place]
            # A later line that is only "MSH" is data: SS-MIX2 lists segment names that way.
            if piece[3:4] in behind_a_name and (place == 0 or piece[:3] != b"MSH"):
                found.setdefault(piece[:3], []).append(place)
        return found

    def _split(self, place: int) -> list[bytes]:
        fields = self._fields.get(place)
        if fields is None:
            fields = self._fields[place] = self.alphabet.split(self._pieces[place], self.delimiters.field, _MOST_FIELDS)
        return fields


def open_message(data: bytes, charset: str | None = None) -> Segments | Refused:
    """Split *data*; *charset* overrides ``MSH-18``. Refused if its header cannot be used."""
    header = Header.parse(data, charset)
    if header is None:
        return NO_HEADER
    if not header.usable:
        return NO_DELIMITER
    message = Segments(data, header)
    return TOO_MANY_SEGMENTS if message.are_too_many else message
