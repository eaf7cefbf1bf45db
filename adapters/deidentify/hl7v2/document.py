"""A message as texts: segments, fields, repetitions, components, subcomponents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.deidentify.errors import HeldBackError
from adapters.hl7.charset import codec, decode
from adapters.hl7.editing.escapes import Escapes, escapes_of
from adapters.hl7.er7 import Header, ending, lead
from gateway.contract.outcome import Refused

MOST_LEAVES = 1_000_000
"""Most texts of a message: a hostile message with more would take many times its size in memory."""
SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}\Z", re.ASCII)


class Leaf:
    """One text without parts: as written, and what became of it."""

    __slots__ = ("is_own", "is_text", "raw")

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.is_own = False
        """Whether it is made here (a pseudonym, a moved date): then it is not searched."""
        self.is_text = False
        """Whether it is free text: then only the words that name somebody are removed from it."""

    def make(self, text: str) -> None:
        """Replace it by a text that needs no escaping."""
        self.raw, self.is_own = text, True

    def clear(self) -> None:
        """Empty it."""
        self.raw, self.is_own = "", True


Component = list[Leaf]
Repetition = list[Component]
Field = list[Repetition]


@dataclass(slots=True)
class Segment:
    """A segment with its fields, ``fields[0]`` being field 1; of MSH, field 2."""

    name: str
    fields: list[Field]

    def field(self, number: int) -> Field | None:
        """Return a field by its number, as HL7 counts; None if it is not there."""
        index = number - (2 if self.name == "MSH" else 1)
        return self.fields[index] if 0 <= index < len(self.fields) else None

    def numbered(self) -> Iterator[tuple[int, Field]]:
        """Yield the fields with their numbers."""
        return enumerate(self.fields, 2 if self.name == "MSH" else 1)


@dataclass(slots=True)
class Document:
    """A message."""

    segments: list[Segment]
    delimiters: tuple[str, str, str, str]
    """Of fields, repetitions, components, subcomponents; the last may be empty."""
    escapes: Escapes
    codec: str
    ending: str

    def text(self, leaf: Leaf) -> str:
        """Return what a leaf says, its delimiters unescaped."""
        return self.escapes.read(leaf.raw).text

    def said(self, raw: str) -> str:
        r"""Return what *raw* says, also with hexadecimal octets (``\\X4D\\``) decoded and layout left out."""
        found = self.escapes.read(raw)
        if not found.layout:
            return found.text
        plain, last = [], 0
        for start, end in found.layout:
            plain += [found.text[last:start], self._octets(found.text[start + 1 : end - 1])]
            last = end
        return f"{found.text}\n{''.join(plain)}{found.text[last:]}"

    def _octets(self, sequence: str) -> str:
        if not sequence.startswith("X"):
            return ""
        digits = sequence[1:]
        return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode(self.codec, "replace")

    def encoded(self) -> bytes:
        """Return the octets of the message."""
        lines = (self._line(each) for each in self.segments)
        try:
            return b"".join((line + self.ending).encode(self.codec) for line in lines)
        except UnicodeEncodeError:
            raise HeldBackError("its character set cannot be written") from None

    def _line(self, segment: Segment) -> str:
        between_fields, between_repetitions, *_ = self.delimiters
        fields = [between_repetitions.join(map(self._repetition, field)) for field in segment.fields]
        if segment.name == "MSH":
            fields[0] = segment.fields[0][0][0][0].raw  # the delimiters themselves
        while fields and not fields[-1]:
            fields.pop()
        return between_fields.join([segment.name, *fields])

    def _repetition(self, repetition: Repetition) -> str:
        """Return a repetition without empty parts at its end."""
        *_, between_components, between_parts = self.delimiters
        components = [between_parts.join(leaf.raw for leaf in each).rstrip(between_parts) for each in repetition]
        return between_components.join(components).rstrip(between_components)


def read(data: bytes, charset: str | None = None) -> Document:
    """Return the message *data*; raises HeldBackError if it cannot be read with certainty."""
    header = Header.parse(data, charset)
    if header is None or not header.usable:
        raise HeldBackError("it has no MSH segment that can be read")
    text = decode(data[lead(data) :], header.charsets())
    name = codec(header.charsets())
    if isinstance(text, Refused) or name is None:
        raise HeldBackError("its octets do not fit its character set")
    found = header.delimiters
    delimiters = (found.field + found.encoding[:4]).decode("ascii", "replace")
    used = [delimiters[0], found.repetition.decode(), delimiters[1:2], delimiters[4:5]]
    if len(set(used)) < len(used) or "\ufffd" in delimiters or not delimiters[1:2]:
        raise HeldBackError("two of its delimiters are the same character")
    end = ending(data, lead(data)).decode()
    reader = _Reader((used[0], used[1], used[2], used[3]))
    lines = re.split(r"\r\n?|\n" if end != "\r" else r"\r\n?", text)
    segments = [reader.segment(line) for line in lines if line.strip("\0 \t\n")]
    return Document(segments, reader.delimiters, escapes_of(found), name, "\r" if end == "\r" else "\r\n")


class _Reader:
    def __init__(self, delimiters: tuple[str, str, str, str]) -> None:
        self.delimiters = delimiters
        self._left = MOST_LEAVES

    def segment(self, line: str) -> Segment:
        between, *_ = self.delimiters
        name, *fields = line.split(between)
        if not SEGMENT.match(name):
            raise HeldBackError("one of its lines is no segment")
        if name == "MSH" and not fields:
            raise HeldBackError("it has no MSH segment that can be read")
        if name == "MSH":  # MSH-2 is the delimiters themselves
            return Segment(name, [[[[Leaf(fields[0])]]], *map(self._field, fields[1:])])
        return Segment(name, [self._field(each) for each in fields])

    def _field(self, text: str) -> Field:
        _, between_repetitions, between_components, between_parts = self.delimiters
        self._left -= 1 + text.count(between_repetitions) + text.count(between_components)
        if self._left < 0:
            raise HeldBackError("it has more than 1,000,000 parts")
        return [
            [
                [Leaf(part) for part in (component.split(between_parts) if between_parts else [component])]
                for component in repetition.split(between_components)
            ]
            for repetition in text.split(between_repetitions)
        ]
