"""A message as texts: segments, fields, repetitions, components, subcomponents."""

import re
from collections.abc import ItemsView, Sequence
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

    __slots__ = ("is_own", "is_text", "raw", "searched")

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.is_own = False
        """Whether it is made here (a pseudonym, a moved date): then it is not searched."""
        self.is_text = False
        """Whether it is free text: then only the words that name somebody are removed from it."""
        self.searched = ""
        """What is searched of one that is made here: the clock of a date."""

    def make(self, text: str, searched: str = "") -> None:
        """Replace it by a text that needs no escaping, of which *searched* was there before."""
        self.raw, self.is_own, self.searched = text, True, searched

    def clear(self) -> None:
        """Empty it."""
        self.raw, self.is_own, self.searched = "", True, ""


Component = list[Leaf]
Repetition = list[Component]
Field = list[Repetition]


def leaves(field: Field) -> list[Leaf]:
    """Return the texts of a field."""
    return [leaf for repetition in field for component in repetition for leaf in component]


class Segment:
    """A segment. Its fields are taken apart when they are asked for, and only those that are kept are written."""

    __slots__ = ("_fields", "_first", "_kept", "_parts", "_texts", "name")

    def __init__(self, name: str, texts: Sequence[str], parts: "Parts") -> None:
        self.name, self._texts, self._parts = name, texts, parts
        self._first = 2 if name == "MSH" else 1
        """The number of the first of *texts*: MSH-1 is the delimiter before MSH-2."""
        self._fields: dict[int, Field] = {}
        self._kept: dict[int, Field] = {}

    def field(self, number: int) -> Field | None:
        """Return a field by its number, as HL7 counts; None if it is not there."""
        found = self._fields.get(number)
        if found is None and 0 <= (place := number - self._first) < len(self._texts):
            found = self._fields[number] = self._parts.of(self._texts[place])
        return found

    def given(self) -> list[int]:
        """Return the numbers of the fields that are not empty."""
        return [number for number, text in enumerate(self._texts, self._first) if text]

    def keep(self, number: int) -> Field:
        """Return a field that is to be written, and is there."""
        found = self.field(number)
        if found is None:
            raise KeyError(number)
        self._kept[number] = found
        return found

    def kept(self) -> ItemsView[int, Field]:
        """Return the fields that are written, by their numbers."""
        return self._kept.items()


@dataclass(slots=True)
class Document:
    """A message."""

    segments: list[Segment]
    delimiters: tuple[str, str, str, str]
    """Of fields, repetitions, components, subcomponents; the last may be empty."""
    encoding: str
    """MSH-2: the delimiters themselves."""
    escapes: Escapes
    codec: str
    ending: str
    mark: str
    """The character of escape sequences; a text without it says what is written."""

    def text(self, leaf: Leaf) -> str:
        """Return what a leaf says, its delimiters unescaped."""
        return self.escapes.read(leaf.raw).text if self.mark in leaf.raw else leaf.raw

    def said(self, raw: str) -> str:
        r"""Return what *raw* says, also with hexadecimal octets (``\\X4D\\``) decoded and layout left out."""
        if self.mark not in raw:
            return raw
        found = self.escapes.read(raw)
        if not found.layout:
            return found.text
        plain, last = [], 0
        for start, end in found.layout:
            plain += [found.text[last:start], self._octets(found.text[start + 1 : end - 1])]
            last = end
        return f"{found.text}\n{''.join(plain)}{found.text[last:]}"

    def octets(self, raw: str) -> bytes:
        r"""Return what *raw* says as octets, with those of ``\X..\`` and of switches of the character set (HL7 2.7)."""
        found = self.escapes.read(raw)
        parts, last = [], 0
        for start, end in found.layout:
            sequence = found.text[start + 1 : end - 1]
            switch = b"\x1b" if sequence[:1] in {"C", "M"} else b""
            octets = switch + _hexadecimal(sequence[1:]) if sequence[:1] in {"X", "C", "M"} else b""
            parts += [found.text[last:start].encode(self.codec, "replace"), octets]
            last = end
        return b"".join([*parts, found.text[last:].encode(self.codec, "replace")])

    def _octets(self, sequence: str) -> str:
        return _hexadecimal(sequence[1:]).decode(self.codec, "replace") if sequence.startswith("X") else ""

    def encoded(self) -> bytes:
        """Return the octets of the message."""
        lines = (self._line(each) for each in self.segments)
        try:
            return b"".join((line + self.ending).encode(self.codec) for line in lines)
        except UnicodeEncodeError:
            raise HeldBackError("its character set cannot be written") from None

    def _line(self, segment: Segment) -> str:
        between_fields, between_repetitions, *_ = self.delimiters
        written = {
            number: text
            for number, field in segment.kept()
            if (text := between_repetitions.join(map(self._repetition, field)))
        }
        if segment.name == "MSH":
            written[2] = self.encoding
        first = 2 if segment.name == "MSH" else 1
        fields = (written.get(number, "") for number in range(first, max(written, default=0) + 1))
        return between_fields.join([segment.name, *fields])

    def _repetition(self, repetition: Repetition) -> str:
        """Return a repetition without empty parts at its end."""
        *_, between_components, between_parts = self.delimiters
        components = [between_parts.join(leaf.raw for leaf in each).rstrip(between_parts) for each in repetition]
        return between_components.join(components).rstrip(between_components)


def _hexadecimal(digits: str) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


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
    parts = Parts(used[1], used[2], used[3])
    lines = re.split(r"\r\n?|\n" if end != "\r" else r"\r\n?", text)
    segments = [_segment(line, used[0], parts) for line in lines if line.strip("\0 \t\n")]
    return Document(
        segments,
        (used[0], used[1], used[2], used[3]),
        found.encoding.decode(),
        escapes_of(found),
        name,
        "\r" if end == "\r" else "\r\n",
        found.encoding[2:3].decode(),
    )


def _segment(line: str, between: str, parts: "Parts") -> Segment:
    name, *fields = line.split(between)
    if not SEGMENT.match(name):
        raise HeldBackError("one of its lines is no segment")
    if name == "MSH" and not fields:
        raise HeldBackError("it has no MSH segment that can be read")
    return Segment(name, fields, parts)


class Parts:
    """Takes the fields of one message apart."""

    def __init__(self, between_repetitions: str, between_components: str, between_parts: str) -> None:
        self._repetitions, self._components, self._parts = between_repetitions, between_components, between_parts
        self._left = MOST_LEAVES

    def of(self, text: str) -> Field:
        """Return the repetitions, components and subcomponents of a field."""
        if not (self._repetitions in text or self._components in text or (self._parts and self._parts in text)):
            return [[[Leaf(text)]]]
        between = (self._repetitions, self._components, self._parts)
        self._left -= 1 + sum(text.count(each) for each in between if each)
        if self._left < 0:
            raise HeldBackError("it has more than 1,000,000 parts")
        return [
            [
                [Leaf(part) for part in (component.split(self._parts) if self._parts else [component])]
                for component in repetition.split(self._components)
            ]
            for repetition in text.split(self._repetitions)
        ]
