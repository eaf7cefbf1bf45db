"""The operations of a step, each for one path of a message."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import repeat

from adapters.hl7.editing.parts import Change, Parts
from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.refusals import (
    no_escape,
    not_in_the_table,
    too_many_parts,
    unreadable,
    unwritable,
)
from adapters.hl7.editing.segments import Segments
from adapters.hl7.editing.templates import Rule
from gateway.contract.outcome import Refused

NULL = b'""'
"""HL7's null: the receiver is to delete the value (2.5.3)."""


class Unlisted(Enum):
    """What happens to a value that is not in the table."""

    KEEP = "keep"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Table:
    """The table of ``map``: what is written for each value."""

    values: Mapping[str, str]
    default: str | Unlisted = Unlisted.KEEP


class Editor:
    """Edits one message. A method that cannot do its work correctly raises NotEditable."""

    def __init__(self, message: Segments) -> None:
        self._message = message
        self._parts = Parts(message)

    def copy(self, to: Path, source: Path) -> None:
        """Copy octets. Within segments of the same name each is its own source; else the first source is for all."""
        message = self._message
        each_its_own = to.segment == source.segment and to.occurrence is None and source.occurrence is None
        sources = message.named(source.segment, source.occurrence)
        for place in message.named(to.segment, to.occurrence) if sources else ():
            field = message.field(place if each_its_own else sources[0], source.field or 0)
            value = self._parts.take(field, source)
            if not self._parts.fits(value, to):
                raise too_many_parts(to)
            self._put(place, to, value)

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove what *paths* name; all numbers count in the message as it is before the removal."""
        targets = set()
        for path in paths:
            places = self._message.named(path.segment, path.occurrence)
            targets |= set(zip(places, repeat(dataclasses.replace(path, occurrence=None)), strict=False))
        for place, path in sorted(targets, key=lambda target: _from_behind(target[1])):
            if path.field is None:
                self._message.remove(place)
            else:
                field = self._message.field(place, path.field)
                self._message.put(place, path.field, self._parts.remove(field, path))

    def set(self, path: Path, text: str) -> None:
        """Write *text* as a value, with its delimiters escaped."""
        places = self._message.named(path.segment, path.occurrence)
        value = self._written(text, path) if places else b""
        for place in places:
            self._put(place, path, value)

    def replace(self, path: Path, rule: Rule) -> None:
        """Apply *rule* to each text at *path*."""
        self._change(path, lambda octets: self._replaced(octets, path, rule))

    def map(self, path: Path, table: Table) -> None:
        """Look the first text of each part at *path* up in *table*."""
        self._change(path, lambda octets: self._mapped(octets, path, table), first=True)

    def _put(self, place: int, path: Path, value: bytes) -> None:
        number = path.field or 0
        self._message.put(place, number, self._parts.put(self._message.field(place, number), path, value))

    def _change(self, path: Path, change: Change, *, first: bool = False) -> None:
        number = path.field or 0
        for place in self._message.named(path.segment, path.occurrence):
            if field := self._message.field(place, number):
                self._message.put(place, number, self._parts.change(field, path, change, first=first))

    def _replaced(self, octets: bytes, path: Path, rule: Rule) -> bytes:
        pieces = list(rule.pieces(self._message.escapes.read(self._read(octets, path))))
        if not pieces:
            return octets
        return b"".join(self._kept(text, path) if kept else self._written(text, path) for text, kept in pieces)

    def _mapped(self, octets: bytes, path: Path, table: Table) -> bytes:
        value = self._message.escapes.read(self._read(octets, path)).text
        found = table.values.get(value, Unlisted.KEEP if octets == NULL else table.default)
        if found is Unlisted.REFUSE:
            raise not_in_the_table(path)
        return self._written(found, path) if isinstance(found, str) else octets

    def _read(self, octets: bytes, path: Path) -> str:
        text = self._message.alphabet.read(octets)
        if isinstance(text, Refused):
            raise unreadable(path, text)
        return text

    def _kept(self, text: str, path: Path) -> bytes:
        octets = self._message.alphabet.write_again(text)
        if octets is None:
            raise unwritable(path)
        return octets

    def _written(self, text: str, path: Path) -> bytes:
        escaped = self._message.escapes.write(text)
        if escaped is None:
            raise no_escape(path)
        octets = self._message.alphabet.write(escaped)
        if octets is None:
            raise unwritable(path)
        return octets


def _from_behind(path: Path) -> tuple[bool, int, bool]:
    """Sort so that no removal changes the number of a later one: the last repetition first, segments at the end."""
    return path.field is None, -(path.repetition or 0), path.component is None
