"""Splits the text of a message into segments and fields, and names places in it for people and for ``ERR-2``."""

import re
from dataclasses import dataclass, replace

_LINES = {b"\r": re.compile(r"\r"), b"\r\n": re.compile(r"[\r\n]")}
_FILLERS = " \t\n\v\f\0\x1a\ufeff"


@dataclass(frozen=True, slots=True)
class Separators:
    """The separators of a message. One that ``MSH-2`` is too short for is NUL."""

    field: str
    repetition: str
    parts: tuple[str, str]
    """The separators of components and of subcomponents."""

    @classmethod
    def of(cls, field: bytes, encoding: bytes) -> "Separators":
        """Read ``MSH-1`` and ``MSH-2``. The fifth character, for truncation, is no separator."""
        marks = encoding.decode().ljust(4, "\0")
        return cls(field.decode(), marks[1], (marks[0], marks[3]))

    def is_blank(self, value: str) -> bool:
        """Return whether *value* is empty or holds nothing but separators and blanks."""
        return not value.strip("".join((self.repetition, *self.parts, " ")))


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a message."""

    name: str
    occurrence: int
    """Its number among the segments with this name, from 1."""
    ordinal: int
    """Its number among all segments, from 1."""
    fields: list[str]
    """``fields[n]`` is field *n*."""

    def field(self, number: int) -> str:
        """Return field *number*; empty if the segment is shorter."""
        return self.fields[number] if number < len(self.fields) else ""

    @property
    def is_local(self) -> bool:
        """Whether it is a Z-segment, which a site defines for itself (HL7 2.5, 2.11)."""
        return self.name.startswith("Z")


def read_segments(text: str, separators: Separators, ends: bytes) -> list[Segment]:
    """Return the segments of *text*; each of the octets in *ends* ends a segment."""
    lines = [line.lstrip(_FILLERS) for line in _LINES[ends].split(text)]
    segments: list[Segment] = []
    seen: dict[str, int] = {}
    for line in filter(None, lines):
        name, *fields = line.split(separators.field)
        seen[name] = seen.get(name, 0) + 1
        # MSH-1 is the separator after the name.
        shifted = [separators.field, *fields] if name == "MSH" else fields
        segments.append(Segment(name, seen[name], len(segments) + 1, [name, *shifted]))
    return segments


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a message; numbers count from 1, and 0 means that this level is not given."""

    segment: str
    occurrence: int = 1
    field: int = 0
    repetition: int = 0
    component: int = 0
    subcomponent: int = 0

    def part(self, number: int, depth: int) -> "Place":
        """Return component *number* of this field (*depth* 0), or subcomponent *number* of this component (1)."""
        return replace(self, component=number) if depth == 0 else replace(self, subcomponent=number)

    @property
    def location(self) -> str:
        """The form of ``ERR-2`` (ERL, HL7 2.5, 2.A.28): ``PID^1^5^1``."""
        numbers = (self.occurrence, self.field, self.repetition, self.component, self.subcomponent)
        return "^".join([self.segment, *(str(number) for number in numbers if number)])

    def __str__(self) -> str:
        """Return the form that people write: ``PID-5``, ``OBX[2]-5[3].1``."""
        occurrence = f"[{self.occurrence}]" if self.occurrence > 1 else ""
        field = f"-{self.field}" if self.field else ""
        repetition = f"[{self.repetition}]" if self.repetition > 1 else ""
        parts = "".join(f".{number}" for number in (self.component, self.subcomponent) if number)
        return f"{self.segment}{occurrence}{field}{repetition}{parts}"
