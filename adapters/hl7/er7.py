"""A lazy reader of ER7 header segments: it splits the first segment and nothing else.

Parsing a whole message takes milliseconds; a relay needs a few fields of ``MSH``, which take microseconds. Fields are
the octets as received, so that an acknowledgement echoes them exactly; :meth:`Header.text` decodes one.
"""

import re
from dataclasses import dataclass
from typing import Literal

from adapters.hl7.charset import UNNAMED, codec

SegmentEnd = Literal["any", "cr"]

# What some files and senders put before the first segment: a byte-order mark, line ends, a second start block.
_LEAD = re.compile(rb"[\s\0]{0,64}(?:\xef\xbb\xbf)?[\s\0]{0,64}")
_ENDS = {"any": re.compile(rb"[\r\n]"), "cr": re.compile(rb"\r")}
_PUNCTUATION = re.compile(rb"[!-/:-@\[-`{-~]{1,5}")
# MSH has 25 fields in 2.9; the rest of a longer, hostile header is not split.
_MOST_FIELDS = 30
MOST_OCTETS = 1024
"""Most octets of a field that are read for people, routes and the audit trail; real ones are shorter (HD: 227)."""
_LONGEST_HEADER = 64 * 1024
"""A longer header is split by octets, whatever its character set."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """``MSH-1`` and ``MSH-2``. Delimiters that are missing or unusable have HL7's recommended value."""

    field: bytes = b"|"
    encoding: bytes = b"^~\\&"
    """``MSH-2`` as it is written: component, repetition, escape, subcomponent and, since 2.7, truncation."""

    @property
    def component(self) -> bytes:
        """The delimiter between the components of a field."""
        return self.encoding[:1]

    @property
    def repetition(self) -> bytes:
        """The delimiter between the repetitions of a field."""
        return self.encoding[1:2] or b"~"

    def escape(self, text: str) -> bytes:
        r"""Encode *text* with each delimiter in it escaped: ``\F\`` and the like (HL7 2.7.1).

        The result is ASCII, which is part of every character set. Without an escape character in the message,
        delimiters become spaces.
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
    """``fields[n - 1]`` is field *n*; the segment's name takes the place of field 1."""
    delimiters: Delimiters
    usable: bool
    """Whether field 1 is a delimiter, so that the segment could be split into fields."""
    end: int
    """The offset of the end of the segment in the data."""
    charset: str | None = None
    """HL7 table 0211 name that overrides ``MSH-18``."""

    @classmethod
    def parse(
        cls, data: bytes, charset: str | None = None, *, name: bytes = b"MSH", segment_end: SegmentEnd = "any"
    ) -> "Header | None":
        """Read the segment *name* at the start of *data*; None if there is another segment, or none. Never raises."""
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
        """Return field *number* as received; empty if the segment is shorter."""
        return self.fields[number - 1] if number <= len(self.fields) else b""

    def first(self, number: int) -> bytes:
        """Return the first component of field *number* as received."""
        return self.field(number).partition(self.delimiters.component)[0]

    def text(self, number: int, component: int = 1) -> str:
        """Return a component of field *number* for people and routes: undecodable octets replaced, escapes decoded.

        Of a field that is longer than MOST_OCTETS only the beginning is read.
        """
        raw = self.field(number)[:MOST_OCTETS]
        if component == 1 and raw.isalnum():  # ASCII only, no delimiter
            return raw.decode()
        whole = raw.decode() if _is_plain(raw) else raw.decode(codec(self.charsets()) or UNNAMED, "replace")
        parts = whole.split(self.delimiters.component.decode(), component)
        return self.delimiters.unescape(parts[component - 1].strip()) if component <= len(parts) else ""

    def charsets(self) -> list[str]:
        """Return the character set names of the override, or of ``MSH-18``; the first one is that of the message."""
        if self.charset is not None:
            return self.charset.split("~")
        names = self.field(18)[:MOST_OCTETS].split(self.delimiters.repetition)
        return [self.delimiters.unescape(name.decode("latin-1").strip()) for name in names]


def lead(data: bytes) -> int:
    """Return how many octets precede the first segment: a byte-order mark, line ends, a second start block."""
    found = _LEAD.match(data)
    return found.end() if found else 0


def ending(data: bytes, start: int = 0, segment_end: SegmentEnd = "any") -> bytes:
    r"""Return the octets that end segments of *data*: CR alone, or CR and LF, by what ends the segment at *start*.

    If CR alone ends a header, a line feed is text. ``\r\n`` and ``\n`` are not standard; a sender that uses one of
    them may also use the other.
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
    # A truncated or overwritten header ("MSH|NK1|") gets the recommended characters, unless MSH-1 is one of them.
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
    """Return whether *data* is the same text in every character set: ASCII without ISO 2022 escape sequences."""
    return data.isascii() and b"\x1b" not in data


def _split_text(segment: bytes, delimiters: Delimiters, names: list[str]) -> list[bytes] | None:
    """Split at delimiters that are characters, not half of one: 院 (hospital) is ``B0 7C`` in BIG-5, and 7C is ``|``.

    Such halves shift the fields, so the character set is searched from ``MSH-18`` on.
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
