"""Repetitions, components and subcomponents of one field: read, write, change or remove them."""

from collections.abc import Callable, Sequence

from adapters.hl7.editing.paths import Path
from adapters.hl7.editing.refusals import ambiguous, no_delimiter, too_large
from adapters.hl7.editing.segments import Segments

MOST_PARTS = 1_000_000
"""Most parts of a field: a hostile message with more would take many times its size in memory."""
Change = Callable[[bytes], bytes]
Step = tuple[bytes, int | None]
"""A delimiter, and the number of the part that is meant; None means all parts."""


class Parts:
    """The parts of the fields of one message."""

    def __init__(self, message: Segments) -> None:
        delimiters = message.delimiters
        self._levels = (delimiters.repetition, delimiters.component, delimiters.encoding[3:4])
        self._doubled = message.escapes.doubled
        self._cut = message.alphabet.split

    def take(self, field: bytes, path: Path) -> bytes:
        """Return the part of *field* that *path* names, or the first one if it names none; empty if it is absent."""
        return self._take(field, self._to(path), path)

    def first_text(self, field: bytes, path: Path) -> bytes:
        """Return the part of *field* that *path* names, or its first subcomponent if it has parts itself."""
        return self._take(field, self._to_texts(path, first=True), path)

    def put(self, field: bytes, path: Path, value: bytes) -> bytes:
        """Return *field* with *value* at *path*; missing parts before it are added empty."""
        return self._put(field, self._to(path), value, path)

    def change(self, field: bytes, path: Path, change: Change, *, first: bool = False) -> bytes:
        """Return *field* with *change* applied to each text at *path*, or only to the *first* text of each part."""
        return self._change(field, self._to_texts(path, first=first), change, path)

    def remove(self, field: bytes, path: Path) -> bytes:
        """Return *field* without the part at *path*: it is emptied, but a repetition is removed with its delimiter."""
        if path.repetition is None and path.component is None:
            return b""
        if path.component is None:
            parts = self._split(field, self._levels[0], path)
            del parts[(path.repetition or 1) - 1 : path.repetition]
            return self._levels[0].join(parts)
        return self._change(field, self._to(path), lambda _: b"", path)

    def fits(self, value: bytes, path: Path) -> bool:
        """Whether *value* has none of the delimiters that separate the part at *path*, or the parts around it."""
        above = [delimiter for delimiter, _ in self._to(path) if delimiter]
        return all(len(self._split(value, delimiter, path)) == 1 for delimiter in above)

    def _to(self, path: Path) -> list[Step]:
        """Return the steps from a field to the part that *path* names."""
        numbers = (path.repetition, path.component, path.subcomponent)
        depth = 1 + (path.component is not None) + (path.subcomponent is not None)
        return list(zip(self._levels[:depth], numbers, strict=False))

    def _to_texts(self, path: Path, *, first: bool) -> list[Step]:
        """Return the steps from a field to the texts at *path*, which have no parts themselves."""
        way = self._to(path)
        return way + [(delimiter, 1 if first else None) for delimiter in self._levels[len(way) :]]

    def _split(self, value: bytes, delimiter: bytes, path: Path) -> list[bytes]:
        if not delimiter or delimiter not in value:
            return [value]
        if delimiter in self._doubled:
            raise ambiguous(path)
        if value.count(delimiter) > MOST_PARTS:
            raise too_large(path)
        return self._cut(value, delimiter)

    def _take(self, value: bytes, way: Sequence[Step], path: Path) -> bytes:
        for delimiter, number in way:
            index = (number or 1) - 1
            value = next(iter(self._split(value, delimiter, path)[index : index + 1]), b"")
        return value

    def _put(self, value: bytes, way: Sequence[Step], new: bytes, path: Path) -> bytes:
        if not way:
            return new
        (delimiter, number), *rest = way
        index = (number or 1) - 1
        parts = self._split(value, delimiter, path)
        if index >= len(parts):
            if not new:
                return value  # an absent part is empty already
            if not delimiter or delimiter in self._doubled:
                raise no_delimiter(path)
            parts += [b""] * (index + 1 - len(parts))
        parts[index] = self._put(parts[index], rest, new, path)
        return delimiter.join(parts)

    def _change(self, value: bytes, way: Sequence[Step], change: Change, path: Path) -> bytes:
        if not value:
            return value
        if not way:
            return change(value)
        (delimiter, number), *rest = way
        parts = self._split(value, delimiter, path)
        for index in range(len(parts)) if number is None else range(number - 1, min(number, len(parts))):
            parts[index] = self._change(parts[index], rest, change, path)
        return delimiter.join(parts)
