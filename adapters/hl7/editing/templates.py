r"""The replacement that ``replace`` writes for a match: text, and groups of the pattern, ``\1`` and ``\g<name>``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.hl7.editing.escapes import Text

_TOKEN = re.compile(r"\\(?:([1-9][0-9]?)|g<(\w+)>|(\\)|(.?))", re.DOTALL)

Piece = tuple[str, bool]
"""A text, and whether it is in its received form, with escape sequences."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, and the replacement for each of its matches: texts, and numbers of groups."""

    pattern: re.Pattern[str]
    template: tuple[str | int, ...]

    def pieces(self, text: Text) -> Iterator[Piece]:
        r"""Yield the pieces of the new text; none if nothing matches.

        A match that begins or ends inside a sequence such as ``\.br\`` is ignored: it would leave half of the sequence.
        """
        last, matched = 0, False
        for found in self.pattern.finditer(text.text):
            if text.is_inside(found.start()) or text.is_inside(found.end()):
                continue
            yield text.kept(last, found.start()), True
            yield from self._expand(found, text)
            last, matched = found.end(), True
        if matched:
            yield text.kept(last, len(text.text)), True

    def _expand(self, found: re.Match[str], text: Text) -> Iterator[Piece]:
        for part in self.template:
            if isinstance(part, str):
                yield part, False
            elif (start := found.start(part)) >= 0:
                end = found.end(part)
                is_half = text.is_inside(start) or text.is_inside(end)
                yield (found[part], False) if is_half else (text.kept(start, end), True)


def read_rule(pattern: str, template: str) -> Rule:
    """Compile a rule; raises ValueError with the reason and what to do."""
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"pattern is no regular expression ({error}); correct it, or escape its characters") from None
    return Rule(compiled, tuple(_read_template(template, compiled)))


def _read_template(template: str, pattern: re.Pattern[str]) -> Iterator[str | int]:
    last = 0
    for found in _TOKEN.finditer(template):
        yield template[last : found.start()]
        last = found.end()
        number, name, backslash, other = found.groups()
        if other is not None:
            raise ValueError(r"with has a backslash that begins no group; write \1, \g<name>, or \\ for a backslash")
        yield backslash or _group(number or name, pattern)
    yield template[last:]


def _group(name: str, pattern: re.Pattern[str]) -> int:
    number = int(name) if name.isdecimal() else pattern.groupindex.get(name, -1)
    if not 0 <= number <= pattern.groups:
        raise ValueError(f"with names the group {name}, which the pattern does not have; add it, or correct its name")
    return number
