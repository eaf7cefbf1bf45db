"""Texts in the forms that are compared: without case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

PUNCTUATION = re.compile(r"[^\w\n]+")
"""What becomes a blank; the underscore, which counts as a letter there, is one before."""
EXPANDED = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "þ": "th"}
"""How letters are written where they are not available (ICAO Doc 9303 part 3, section 6)."""
PLAIN = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "\u0131": "i", "þ": "th", "ð": "d"}
"""Letters that have no decomposition in Unicode."""
EXPANDABLE = re.compile(f"[{''.join(EXPANDED)}]")


def spaced(text: str) -> Iterator[str]:
    """Yield *text* in lower case with one blank for everything that is neither letter nor digit; at most two forms.

    The second form, if there are such letters, has ``ae`` for ``ä`` where the first has ``a``.
    """
    if text.isascii():
        yield PUNCTUATION.sub(" ", text.lower().replace("_", " ").replace("\n", " ")).strip()
    else:
        yield from all_spaced([text])[0]


def all_spaced(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the forms of each of *texts*; all are folded together, which takes a tenth of the time.

    A line feed is the border between them: it is never part of what Unicode composes, decomposes or reorders.
    """
    together = "\n".join(text.replace("\n", " ") if "\n" in text else text for text in texts)
    if together.isascii():
        return [(form,) for form in _forms(together.lower())]
    for each in set(together):
        if not each.isascii() and unicodedata.category(each) == "Cf":  # not seen: soft hyphens, zero-width blanks
            together = together.replace(each, "")
    # Compatibility forms first: a full-width or half-width letter or digit is the ordinary one.
    lower = unicodedata.normalize("NFKC", together).casefold()
    plain = _without_accents(_with(PLAIN, lower))
    found: list[tuple[str, ...]] = [(form,) for form in _forms(unicodedata.normalize("NFKC", plain))]
    if EXPANDABLE.search(lower):
        lines = lower.split("\n")
        places = [place for place, line in enumerate(lines) if EXPANDABLE.search(line)]
        expanded = _with(PLAIN, _with(EXPANDED, "\n".join(lines[place] for place in places)))
        for place, form in zip(places, _forms(_without_accents(expanded)), strict=True):
            found[place] += (form,)
    return found


def _with(letters: Mapping[str, str], text: str) -> str:
    for letter, others in letters.items():
        text = text.replace(letter, others)
    return text


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    for each in set(decomposed):
        if unicodedata.combining(each):
            decomposed = decomposed.replace(each, "")
    return decomposed


def _forms(text: str) -> list[str]:
    return [line.strip() for line in PUNCTUATION.sub(" ", text.replace("_", " ")).split("\n")]
