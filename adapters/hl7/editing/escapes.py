r"""Escape sequences of a text (HL7 2.7): ``\F\`` and the like for delimiters, others such as ``\.br\`` for layout.

A text is read with the place of each of its characters in what was received, so that a change of one part leaves every
other part as it is, the sequences for layout too: their backslashes are not text.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from adapters.hl7.er7 import Delimiters

# Highlighting, octets in hexadecimal, formatting commands, switches of the character set, and what sites agree upon.
_LAYOUT = r"H|N|X[0-9A-Fa-f]{{1,64}}|\.[A-Za-z]{{2}}[^{mark}]{{0,16}}|[CM][0-9A-Fa-f]{{4,6}}|Z[^{mark}]{{0,64}}"


@dataclass(frozen=True, slots=True)
class Text:
    """What the octets of a part say."""

    text: str
    """With the delimiters that were escaped; sequences for layout stay as they are written."""
    raw: str
    at: list[int] | None = None
    """For each character of the text, and its end, the place in *raw*; None where they are the same."""
    inside: frozenset[int] = frozenset()
    """Places in the text that lie within a sequence for layout."""

    def kept(self, start: int, end: int) -> str:
        """Return what was received for a part of the text."""
        return self.raw[start:end] if self.at is None else self.raw[self.at[start] : self.at[end]]


class Escapes:
    """The escape sequences of a message with these *delimiters*."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.doubled = _doubled(delimiters)
        r"""What ``MSH-1`` and ``MSH-2`` name for two delimiters; some senders write ``^~\\&``."""
        escape = delimiters.encoding[2:3]
        # A character that is another delimiter too escapes nothing that all would read alike.
        self._mark = mark = "" if escape in self.doubled else escape.decode()
        names = dict(zip("FSRET", (delimiters.field + delimiters.encoding[:4]).decode(), strict=False))
        self._characters = names
        self._table = str.maketrans({char: f"{mark}{name}{mark}" for name, char in names.items()})
        self._special = {*names.values(), delimiters.repetition.decode()}
        quoted = re.escape(mark or "\\")
        self._sequence = re.compile(f"{quoted}(?:([{''.join(names)}])|{_LAYOUT.format(mark=quoted)}){quoted}")

    def write(self, text: str) -> str | None:
        """Escape *text*; None where it holds a delimiter and the message has no escape character."""
        if self._mark:
            return text.translate(self._table)
        return None if self._special & set(text) else text

    def read(self, raw: str) -> Text:
        """Undo the escaping of delimiters in *raw*."""
        if not self._mark or self._mark not in raw:
            return Text(raw, raw)
        text: list[str] = []
        at: list[int] = []
        inside: set[int] = set()
        last = 0
        for found in self._sequence.finditer(raw):
            at += range(last, found.start())
            text.append(raw[last : found.start()])
            if found[1]:
                at.append(found.start())
                text.append(self._characters[found[1]])
            else:
                inside |= set(range(len(at) + 1, len(at) + len(found[0])))
                at += range(found.start(), found.end())
                text.append(found[0])
            last = found.end()
        at += range(last, len(raw) + 1)
        return Text("".join([*text, raw[last:]]), raw, at, frozenset(inside))


def _doubled(delimiters: Delimiters) -> frozenset[bytes]:
    encoding = delimiters.encoding
    named = [delimiters.field, encoding[:1], delimiters.repetition, encoding[2:3], encoding[3:4]]
    return frozenset(char for char in named if char and named.count(char) > 1)


@lru_cache(maxsize=64)
def escapes_of(delimiters: Delimiters) -> Escapes:
    """Return the escape sequences of a message; nearly all messages have the same delimiters."""
    return Escapes(delimiters)
