"""The segments of a message as text, and the components of their fields."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.hl7.charset import UNNAMED, codec
from adapters.hl7.er7 import Delimiters, Header

MOST_SEGMENTS = 100_000


class NoMessageError(ValueError):
    """The octets do not begin with an MSH segment that can be read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One segment."""

    name: str
    fields: tuple[str, ...]
    """``fields[n - 1]`` is field *n*, as it is written; of MSH the first is the delimiter."""
    delimiters: Delimiters

    def repetitions(self, number: int) -> list[str]:
        """Return the repetitions of a field that are not empty, as they are written."""
        written = self.fields[number - 1] if number <= len(self.fields) else ""
        return [each for each in written.split(self.delimiters.repetition.decode()) if each]

    def text(self, number: int, component: int = 1, *, of: str | None = None) -> str | None:
        """Return a component of the first repetition of a field, or of the repetition *of*; None if it is empty."""
        first = of if of is not None else next(iter(self.repetitions(number)), "")
        components = first.split(self.delimiters.component.decode())
        written = components[component - 1] if component <= len(components) else ""
        written = written.split(self.delimiters.encoding[3:4].decode() or "\0")[0]
        found = self.delimiters.unescape(written.strip())
        return found if found and found != '""' else None


@dataclass(frozen=True, slots=True)
class Message:
    """A message in segments."""

    parts: Sequence[Part]

    def first(self, name: str) -> Part | None:
        """Return the first segment of this name."""
        return next((each for each in self.parts if each.name == name), None)

    def all(self, name: str) -> list[Part]:
        """Return all segments of this name."""
        return [each for each in self.parts if each.name == name]


def read(octets: bytes, charset: str | None = None) -> Message:
    """Return the segments; *charset* overrides MSH-18. Octets that it does not have are replaced.

    Raises NoMessageError.
    """
    header = Header.parse(octets, charset)
    if header is None or not header.usable:
        raise NoMessageError("the message does not begin with an MSH segment")
    text = octets.decode(codec(header.charsets()) or UNNAMED, "replace")
    lines = [each for each in re.split(r"[\r\n]+", text, maxsplit=MOST_SEGMENTS) if each.strip()]
    separator = header.delimiters.field.decode()
    parts = []
    for line in lines:
        name, *fields = line.strip("\ufeff\x0b \0").split(separator)
        if name == "MSH":
            fields.insert(0, separator)
        parts.append(Part(name[:3], tuple(fields), header.delimiters))
    return Message(parts)
