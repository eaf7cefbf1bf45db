"""Removes from a text the words by which the object names its patient, and leaves the others."""

import re
from collections.abc import Callable

from adapters.deidentify.own.search import OwnIdentifiers

REMOVED = "***"
MOST_WORDS = 20_000
"""Words of a text; a longer one is removed as a whole."""
REACH = 8
"""Most words in a row that one identifier may take: ``March 7th , 1954``, a name with all its parts."""
BLOCK = 128
"""Words that are searched together: most of a text names nobody, and searching it at once is much faster."""
BETWEEN = re.compile(r"(\s+)")


def cleaned(own: OwnIdentifiers, text: str, read: Callable[[str], str] = str) -> str:
    """Return *text* with REMOVED for each word or row of words that contains an identifier.

    *read* returns what a part of the text says, where it has escape sequences. The result is empty if an identifier
    is still found in it as a whole, or if no word is left.
    """
    pieces = BETWEEN.split(text)
    words = pieces[::2]
    if len(words) > MOST_WORDS:
        return ""

    def names_someone(start: int, end: int) -> bool:
        return own.is_in(read(" ".join(words[start:end])))

    for block in range(0, len(words), BLOCK):
        end_of_block = block + BLOCK + REACH
        if not names_someone(block, end_of_block):
            continue
        place = block
        while place < min(block + BLOCK, len(words)):
            if not names_someone(place, place + REACH):
                place += 1
                continue
            end = next(each for each in range(place + 1, place + REACH + 1) if names_someone(place, each))
            start = next(each for each in range(end - 1, place - 1, -1) if names_someone(each, end))
            while start > 0 and own.is_part(read(words[start - 1])):
                start -= 1
            while end < len(words) and own.is_part(read(words[end])):
                end += 1
            words[start:end] = [REMOVED] * (end - start)
    pieces[::2] = words
    result = "".join(pieces)
    return "" if own.is_in(read(result)) or not any(map(str.isalnum, result)) else result
