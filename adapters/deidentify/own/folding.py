"""Texts in the forms that are compared: without case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

PUNCTUATION = re.compile(r"[^\w\n]+")
"""What becomes a blank; the underscore, which counts as a letter there, is one before."""
EXPANDED = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "þ": "th"}
"""How letters are written where they are not available (ICAO Doc 9303 part 3, section 6)."""
PLAIN = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "\u0131": "i", "þ": "th", "ð": "d"}
"""Letters that have no decomposition in Unicode."""
FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that are not seen, by Unicode's property Default_Ignorable_Code_Point."""
KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
"""Hiragana as katakana: a name is read aloud in either of them."""
EXPANDABLE = re.compile(f"[{''.join(EXPANDED)}]", re.IGNORECASE)
BEYOND_LATIN = re.compile("[^\\x00-\\xff]")


def spaced(text: str) -> Iterator[str]:
    """Yield *text* in lower case with one blank for everything that is neither letter nor digit; at most two forms.

    The second form, if there are such letters, has ``ae`` for ``ä`` where the first has ``a``.
    """
    for line in folded((text,)).split("\n"):
        yield line.strip()


def folded(texts: Sequence[str]) -> str:
    """Return the forms of all *texts*, one a line, in no order; a line may have one blank more at its ends.

    All are folded together, which takes a tenth of the time. A line feed is the border between them: it is never part
    of what Unicode composes, decomposes or reorders.
    """
    together = "\n".join(texts)
    if together.isascii() and together.count("\n") < len(texts):
        return PUNCTUATION.sub(" ", together.lower().replace("_", " "))
    lines = [text.replace("\n", " ") if "\n" in text else text for text in texts]
    plain = [line for line in lines if line.isascii()]
    beyond = [line for line in lines if not line.isascii()]
    latin = [line for line in beyond if BEYOND_LATIN.search(line) is None]
    others = [line for line in beyond if BEYOND_LATIN.search(line) is not None]
    forms = ["\n".join(plain).lower()] if plain else []
    if latin:
        forms += _folded_latin(latin)
    if others:
        forms += _folded("\n".join(others))
    return PUNCTUATION.sub(" ", "\n".join(forms).replace("_", " "))


def _folded_latin(lines: Sequence[str]) -> list[str]:
    """Return what :func:`_folded` returns, letter by letter: none of Latin-1 is composed with another."""
    plain, expanded = _latin_tables()
    forms = ["\n".join(lines).translate(plain)]
    if expandable := [line for line in lines if EXPANDABLE.search(line)]:
        forms.append("\n".join(expandable).translate(expanded))
    return forms


@cache
def _latin_tables() -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Return the first and the second form of each character of Latin-1 but the line feed."""
    forms = {code: _folded(f"x{chr(code)}x") for code in range(256) if code != 10}
    return {code: each[0][1:-1] for code, each in forms.items()}, {code: each[-1][1:-1] for code, each in forms.items()}


def _folded(lines: str) -> list[str]:
    """Return lines of any letters without case and accents, and those of them that have a second form in that."""
    for each in set(lines):
        if each.isascii():
            continue
        if unicodedata.category(each) == "Cf" or each in FILLERS:  # not seen: soft hyphens, zero-width blanks
            lines = lines.replace(each, "")
        elif each.isdecimal():  # Arabic, Devanagari and others
            lines = lines.replace(each, str(unicodedata.decimal(each)))
    # Compatibility forms first: a full-width or half-width letter or digit is the ordinary one.
    lower = unicodedata.normalize("NFKC", lines).casefold().translate(KATAKANA)
    forms = [unicodedata.normalize("NFKC", _without_accents(_with(PLAIN, lower)))]
    if expandable := [line for line in lower.split("\n") if EXPANDABLE.search(line)]:
        forms.append(_without_accents(_with(PLAIN, _with(EXPANDED, "\n".join(expandable)))))
    return forms


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
