"""A lazy reader of ER7 header segments: it splits the first segment and nothing else.

Parsing a whole message costs milliseconds; a relay needs a few fields of ``MSH``, which cost microseconds. Fields stay
the octets that were received, so that an acknowledgement echoes them exactly; :meth:`Header.text` decodes one.
"""

import re
from dataclasses import dataclass
from typing import Literal

from adapters.hl7.charset import UNNAMED, codec

SegmentEnd = Literal["any", "cr"]

# What real files and senders put before the first segment: a byte-order mark, line ends, a start block sent twice.
_LEAD = re.compile(rb"[\s\0]{0,64}(?:\xef\xbb\xbf)?[\s\0]{0,64}")
_ENDS = {"any": re.compile(rb"[\r\n]"), "cr": re.compile(rb"\r")}
_PUNCTUATION = re.compile(rb"[!-/:-@\[-`{-~]{1,5}")
# MSH has 25 fields in 2.9; whatever a hostile header piles up behind them stays in one piece.
_MOST_FIELDS = 30
MOST_OCTETS = 1024
"""Of a field that are read for people, routes and the audit trail: none is longer in earnest (HD: 227 characters)."""
_LONGEST_HEADER = 64 * 1024
"""A longer header is split by octets alone, whatever its character set."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """``MSH-1`` and ``MSH-2``. What the message leaves out or makes unusable is HL7's recommended value."""

    field: bytes = b"|"
    encoding: bytes = b"^~\\&"
    """``MSH-2`` as it is written: component, repetition, escape, subcomponent and, since 2.7, truncation."""

    @property
    def component(self) -> bytes:
        """What divides a field."""
        return self.encoding[:1]

    @property
    def repetition(self) -> bytes:
        """What divides the occurrences of a field."""
        return self.encoding[1:2] or b"~"

    def escape(self, text: str) -> bytes:
        r"""Encode *text* so that no delimiter in it is taken for one: ``\F\`` and the like (HL7 2.7.1).

        It holds ASCII only, which is part of every character set. A message without an escape character gets spaces.
        """
        mark = self.encoding[2:3].decode()
        names = zip((self.field + self.encoding[:4]).decode(), "FSRET", strict=False)
        replaced = {delimiter: f"{mark}{name}{mark}" if mark else " " for delimiter, name in names}
        return "".join(replaced.get(char, char if char.isprintable() else " ") for char in text).encode(
            "ascii", "replace"
        )

    def unescape(self, text: str) -> str:
        """Undo :meth:`escape`; other escape sequences stay as they are."""
        mark = self.encoding[2:3].decode()
        if not mark or mark not in text:
            return text
        originals = dict(zip("FSRET", (self.field + self.encoding[:4]).decode(), strict=False))
        pattern = f"{re.escape(mark)}([FSRET]){re.escape(mark)}"
        return re.sub(pattern, lambda found: originals.get(found[1], found[0]), text)


STANDARD = Delimiters()


@dataclass(frozen=True, slots=True)
class Header:
    """One ``MSH``, ``BHS`` or ``FHS`` segment."""

    fields: list[bytes]
    """``fields[n - 1]`` is field *n*; the segment's name stands in for field 1."""
    delimiters: Delimiters
    usable: bool
    """Whether field 1 is a delimiter, so that the other fields could be told apart."""
    end: int
    """Where the segment ends in the data it was read from."""
    charset: str | None = None
    """HL7 table 0211 name that overrides ``MSH-18``."""

    @classmethod
    def parse(
        cls, data: bytes, charset: str | None = None, *, name: bytes = b"MSH", segment_end: SegmentEnd = "any"
    ) -> "Header | None":
        """Read the segment *name* at the start of *data*; None if another one, or none, stands there. Never raises."""
        start = 0 if data.startswith(name) else lead(data)
        if not data.startswith(name, start):
            return None
        found = _ENDS[segment_end].search(data, start)
        end = found.start() if found else len(data)
        segment = data[start:end]
        delimiters = _delimiters(segment)
        if delimiters is None:
            return cls([name], STANDARD, usable=False, end=end, charset=charset)
        return cls(_split(segment, delimiters, charset), delimiters, usable=True, end=end, charset=charset)

    def field(self, number: int) -> bytes:
        """Return field *number* as received; empty where the segment is shorter."""
        return self.fields[number - 1] if number <= len(self.fields) else b""

    def first(self, number: int) -> bytes:
        """Return the first component of field *number* as received."""
        return self.field(number).partition(self.delimiters.component)[0]

    def text(self, number: int, component: int = 1) -> str:
        """Return a component of field *number* for people and routes: decoded with tolerance, escapes undone.

        Of a field that is longer than MOST_OCTETS only the beginning counts.
        """
        raw = self.field(number)[:MOST_OCTETS]
        if component == 1 and raw.isalnum():  # ASCII only, no delimiter
            return raw.decode()
        whole = raw.decode() if _is_plain(raw) else raw.decode(codec(self.charsets()) or UNNAMED, "replace")
        parts = whole.split(self.delimiters.component.decode(), component)
        return self.delimiters.unescape(parts[component - 1].strip()) if component <= len(parts) else ""

    def charsets(self) -> list[str]:
        """Return the names in ``MSH-18``, or the override's, first the one that counts."""
        if self.charset is not None:
            return self.charset.split("~")
        names = self.field(18)[:MOST_OCTETS].split(self.delimiters.repetition)
        return [self.delimiters.unescape(name.decode("latin-1").strip()) for name in names]


def lead(data: bytes) -> int:
    """Return how many octets stand before the first segment: a byte-order mark, line ends, a second start block."""
    found = _LEAD.match(data)
    return found.end() if found else 0


def ending(data: bytes, start: int = 0, segment_end: SegmentEnd = "any") -> bytes:
    r"""Return the octets of which each ends a segment of *data*, by what ends the segment at *start*: CR, or any.

    Where CR alone ends a header, a line feed is text. ``\r\n`` and ``\n`` are not the standard's; who uses one of them
    may use the other.
    """
    if segment_end == "cr":
        return b"\r"
    found = _ENDS["any"].search(data, start)
    end = data[found.start() : found.start() + 2] if found else b""
    return b"\r" if end.startswith(b"\r") and end != b"\r\n" else b"\r\n"


def _delimiters(segment: bytes) -> Delimiters | None:
    if segment.startswith(b"|^~\\&|", 3):
        return STANDARD
    field = segment[3:4]
    if not _PUNCTUATION.fullmatch(field):
        return None
    encoding = segment[4:10].partition(field)[0]
    if _PUNCTUATION.fullmatch(encoding):
        return Delimiters(field, encoding)
    # A header cut short or overwritten ("MSH|NK1|") gets the recommended characters, where MSH-1 is not one of them.
    return None if field in STANDARD.encoding else Delimiters(field)


def _split(segment: bytes, delimiters: Delimiters, charset: str | None) -> list[bytes]:
    fields = segment.split(delimiters.field, _MOST_FIELDS)
    if _is_plain(segment):
        return fields
    if len(segment) > _LONGEST_HEADER:
        return fields
    names = [charset] if charset else [field[:MOST_OCTETS].decode("latin-1") for field in fields[17:]]
    return _split_text(segment, delimiters, names) or fields


def _is_plain(data: bytes) -> bool:
    """Tell whether *data* reads the same in every character set: ASCII without ISO 2022 escape sequences."""
    return data.isascii() and b"\x1b" not in data


def _split_text(segment: bytes, delimiters: Delimiters, names: list[str]) -> list[bytes] | None:
    """Split where a delimiter is a character, not half of one: 院 (hospital) is ``B0 7C`` in BIG-5, and 7C is ``|``.

    Such halves shift the fields, so the character set is looked for from ``MSH-18`` on.
    """
    repetition = delimiters.repetition.decode()
    known = next((found for name in names if name and (found := codec(name.split(repetition)))), None)
    if known is None:
        return None
    try:
        parts = segment.decode(known).split(delimiters.field.decode(), _MOST_FIELDS)
        return [part.encode(known) for part in parts]
    except UnicodeError:
        return None
