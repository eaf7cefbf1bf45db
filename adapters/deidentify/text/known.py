"""Cleans a free text of the identifiers that its object names, word by word."""

import re
from collections.abc import Callable

WORDS = re.compile(r"\s+|\S+")
MOST_FOUND = 100
"""Identifiers in one text; a text with more is removed."""


def cleaned(text: str, holds: Callable[[str], bool]) -> str:
    """Return *text* without the words that make an identifier; empty if that cannot be done, or no letter is left.

    *holds* says whether a text contains an identifier (:meth:`OwnIdentifiers.is_in`), in any spelling or encoding: so
    the words that go are those without which it finds nothing. What is returned never contains one.
    """
    words: list[str] = WORDS.findall(text)
    for _ in range(MOST_FOUND):
        if not holds("".join(words)):
            left = "".join(words)
            return left if any(map(str.isalnum, left)) else ""
        first, end = _span(words, holds)
        del words[first : end + 1]  # with the blank behind it; that before it stays
    return ""


def _span(words: list[str], holds: Callable[[str], bool]) -> tuple[int, int]:
    """Return where the first identifier is: the fewest words from which nothing can be left out at either end."""
    low, high = 0, len(words)
    while high - low > 1:  # the words before *low* hold none, those before *high* do
        middle = (low + high) // 2
        low, high = (low, middle) if holds("".join(words[:middle])) else (middle, high)
    end = high
    low, high = 0, end
    while high - low > 1:  # the words from *low* on hold one, those from *high* on do not
        middle = (low + high) // 2
        low, high = (middle, high) if holds("".join(words[middle:end])) else (low, middle)
    return low, end
