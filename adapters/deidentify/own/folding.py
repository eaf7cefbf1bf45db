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
EXPANDABLE_LATIN = re.compile("[äöüåøæþÄÖÜÅØÆÞ]")
BLANKS = re.compile("  +")
BEYOND_LATIN = re.compile("[^\\x00-\\xff]")


def spaced(text: str) -> Iterator[str]:
    """Yield *text* in lower case with one blank for everything that is neither letter nor digit; at most two forms.

    The second form, if there are such letters, has ``ae`` for ``ä`` where the first has ``a``.
    """
    if text.isascii():
        yield _without_punctuation(text.lower().replace("\n", " ")).strip()
        return
    for line in folded((text,)).split("\n"):
        yield line.strip()


def folded(texts: Sequence[str]) -> str:
    """Return the forms of all *texts*, one a line, in no order; a line may have one blank more at its ends."""
    return folded_each([texts])[0]


def folded_each(groups: Sequence[Sequence[str]]) -> list[str]:
    """Return for each group the forms of all its texts, one a line, likewise.

    All are folded together, which takes a tenth of the time. A line feed is the border between them: it is never part
    of what Unicode composes, decomposes or reorders.
    """
    forms: list[list[str]] = [[] for _ in groups]
    plain: list[str] = []
    latin: list[str] = []
    others: list[str] = []
    of_plain: list[list[str]] = []
    of_latin: list[list[str]] = []
    of_others: list[list[str]] = []
    """Of each line the forms of its group."""
    for group, found in zip(groups, forms, strict=True):
        for line in group:
            if line.isascii():
                plain.append(line)
                of_plain.append(found)
            elif BEYOND_LATIN.search(line) is None:
                latin.append(line)
                of_latin.append(found)
            else:
                others.append(line)
                of_others.append(found)
    _add(_together(plain).translate(_ascii_table()), of_plain)
    if latin:
        _add_latin(latin, of_latin)
    if others:
        _add_others(others, of_others)
    return ["\n".join(each) for each in forms]


def _together(lines: Sequence[str]) -> str:
    """Return *lines* with a line feed between two, and none in them."""
    together = "\n".join(lines)
    if together.count("\n") < len(lines):
        return together
    return "\n".join([line.replace("\n", " ") for line in lines])


def _add(lines: str, forms: Sequence[list[str]]) -> None:
    """Add each line to its forms, with one blank for several."""
    for form, line in zip(forms, BLANKS.sub(" ", lines).split("\n"), strict=False):
        form.append(line)


def _without_punctuation(lines: str) -> str:
    return PUNCTUATION.sub(" ", lines.replace("_", " "))


@cache
def _ascii_table() -> Mapping[int, str]:
    return {code: _without_punctuation(chr(code).lower()) for code in range(128)}


def _add_latin(lines: Sequence[str], forms: Sequence[list[str]]) -> None:
    """Do what :func:`_add_others` does, letter by letter: none of Latin-1 is composed with another."""
    first, second = _latin_tables()
    _add(first.of(_together(lines)), forms)
    if numbers := [number for number, line in enumerate(lines) if EXPANDABLE_LATIN.search(line)]:
        _add(second.of(_together([lines[number] for number in numbers])), [forms[number] for number in numbers])


class _LatinTable:
    """One form of each character of Latin-1: as a table of octets, which is fast, but for forms of two letters."""

    def __init__(self, forms: Mapping[int, str]) -> None:
        short = {code: form for code, form in forms.items() if len(form) == 1 and ord(form) < 256}
        self._table = bytes(ord(short.get(code, chr(code))) for code in range(256))
        self._long = {chr(code): form for code, form in forms.items() if code not in short}

    def of(self, lines: str) -> str:
        """Return the forms of *lines*."""
        folded_lines = lines.encode("latin-1").translate(self._table).decode("latin-1")
        for letter, form in self._long.items():
            if letter in folded_lines:
                folded_lines = folded_lines.replace(letter, form)
        return folded_lines


@cache
def _latin_tables() -> tuple[_LatinTable, _LatinTable]:
    """Return the first and the second form of each character of Latin-1 but the line feed."""
    forms = {code: _folded([f"x{chr(code)}x"]) for code in range(256) if code != 10}
    plain = {code: _without_punctuation(first)[1:-1] for code, (first, _) in forms.items()}
    others = {code: _without_punctuation(second[0][1])[1:-1] for code, (_, second) in forms.items() if second}
    return _LatinTable(plain), _LatinTable(plain | others)


def _add_others(lines: Sequence[str], forms: Sequence[list[str]]) -> None:
    """Add the forms of lines of any letters."""
    first, second = _folded(lines)
    _add(_without_punctuation(first), forms)
    for number, line in second:
        forms[number].append(_without_punctuation(line))


def _folded(lines: Sequence[str]) -> tuple[str, list[tuple[int, str]]]:
    """Return lines of any letters without case and accents, and by its number each second form that a line has."""
    together = _together(lines)
    for each in set(together):
        if each.isascii():
            continue
        if unicodedata.category(each) == "Cf" or each in FILLERS:  # not seen: soft hyphens, zero-width blanks
            together = together.replace(each, "")
        elif each.isdecimal():  # Arabic, Devanagari and others
            together = together.replace(each, str(unicodedata.decimal(each)))
    # Compatibility forms first: a full-width or half-width letter or digit is the ordinary one.
    lower = unicodedata.normalize("NFKC", together).casefold().translate(KATAKANA)
    second = [
        (number, _without_accents(_with(PLAIN, _with(EXPANDED, line))))
        for number, line in enumerate(lower.split("\n"))
        if EXPANDABLE.search(line)
    ]
    return unicodedata.normalize("NFKC", _without_accents(_with(PLAIN, lower))), second


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
