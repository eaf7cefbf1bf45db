r"""Escape sequences of a text (HL7 2.7): ``\F\`` and the like for delimiters, others such as ``\.br\`` for layout.

A text is decoded together with the position of each of its characters in the received text, so that a change of one
part leaves every other part as received, including the layout sequences: their backslashes are not text.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from adapters.hl7.er7 import Delimiters

# Highlighting, hexadecimal octets, formatting commands, switches of the character set, and local sequences (Z).
_LAYOUT = r"H|N|X[0-9A-Fa-f]+|\.[A-Za-z]{{2}}[^{mark}]{{0,16}}|[CM][0-9A-Fa-f]{{4,6}}|Z[^{mark}]{{0,64}}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text as decoded and as received."""

    text: str
    """The text with escaped delimiters decoded; layout sequences stay as they are written."""
    raw: str
    escaped: Sequence[int] = ()
    """Positions in *text* of the delimiters that were escaped: each takes two characters more in *raw*."""
    layout: Sequence[tuple[int, int]] = ()
    """Start and end in *text* of each layout sequence."""

    def kept(self, start: int, end: int) -> str:
        """Return the part of *raw* for a part of *text*."""
        return self.raw[self._in_raw(start) : self._in_raw(end)]

    def is_inside(self, place: int) -> bool:
        """Whether *place* is inside a layout sequence."""
        index = bisect_left(self.layout, (place,)) - 1
        return index >= 0 and self.layout[index][0] < place < self.layout[index][1]

    def _in_raw(self, place: int) -> int:
        return place + 2 * bisect_left(self.escaped, place)


class Escapes:
    """The escape sequences of a message with these *delimiters*."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.doubled = _doubled(delimiters)
        r"""Characters that ``MSH-1`` and ``MSH-2`` use for two delimiters; some senders write ``^~\\&``."""
        escape = delimiters.encoding[2:3]
        # An escape character that is also another delimiter is ambiguous, so it is not used.
        self._mark = mark = "" if escape in self.doubled else escape.decode()
        names = dict(zip("FSRET", (delimiters.field + delimiters.encoding[:4]).decode(), strict=False))
        self._characters = names
        self._table = str.maketrans({char: f"{mark}{name}{mark}" for name, char in names.items()})
        self._special = {*names.values(), delimiters.repetition.decode()}
        quoted = re.escape(mark or "\\")
        self._sequence = re.compile(f"{quoted}(?:([{''.join(names)}])|{_LAYOUT.format(mark=quoted)}){quoted}")

    def write(self, text: str) -> str | None:
        """Escape *text*; None if it holds a delimiter and the message has no escape character."""
        if self._mark:
            return text.translate(self._table)
        return None if self._special & set(text) else text

    def read(self, raw: str) -> Text:
        """Decode the escaped delimiters in *raw*."""
        if not self._mark or self._mark not in raw:
            return Text(raw, raw)
        pieces: list[str] = []
        escaped: list[int] = []
        layout: list[tuple[int, int]] = []
        last = 0
        for found in self._sequence.finditer(raw):
            pieces.append(raw[last : found.start()])
            place = found.start() - 2 * len(escaped)
            if found[1]:
                escaped.append(place)
            else:
                layout.append((place, place + len(found[0])))
            pieces.append(self._characters[found[1]] if found[1] else found[0])
            last = found.end()
        return Text("".join([*pieces, raw[last:]]), raw, escaped, layout)


def _doubled(delimiters: Delimiters) -> frozenset[bytes]:
    encoding = delimiters.encoding
    named = [delimiters.field, encoding[:1], delimiters.repetition, encoding[2:3], encoding[3:4]]
    return frozenset(char for char in named if char and named.count(char) > 1)


@lru_cache(maxsize=64)
def escapes_of(delimiters: Delimiters) -> Escapes:
    """Return the escape sequences of a message; cached, because nearly all messages have the same delimiters."""
    return Escapes(delimiters)
