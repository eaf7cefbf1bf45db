"""Texts in the forms that are compared: without case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterator

NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
EXPANDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "þ": "th"})
"""How letters are written where they are not available (ICAO Doc 9303 part 3, section 6)."""
PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "\u0131": "i", "þ": "th", "ð": "d"})
"""Letters that have no decomposition in Unicode."""


def spaced(text: str) -> Iterator[str]:
    """Yield *text* in lower case with one blank for everything that is neither letter nor digit; at most two forms.

    The second form, if there are such letters, has ``ae`` for ``ä`` where the first has ``a``.
    """
    if text.isascii():
        yield _with_blanks(text.lower())
        return
    # Compatibility forms first: a full-width or half-width letter or digit is the ordinary one.
    lower = unicodedata.normalize("NFKC", text).casefold()
    plain = unicodedata.normalize("NFKD", lower.translate(PLAIN))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    yield _with_blanks(unicodedata.normalize("NFKC", plain))
    expanded = lower.translate(EXPANDED)
    if expanded != lower:
        decomposed = unicodedata.normalize("NFKD", expanded.translate(PLAIN))
        yield _with_blanks("".join(each for each in decomposed if not unicodedata.combining(each)))


def _with_blanks(text: str) -> str:
    return NOT_ALPHANUMERIC.sub(" ", text).strip()
