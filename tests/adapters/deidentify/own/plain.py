"""The search for an object's own identifiers in its plain form: every value and every term, one after the other.

It is slow and says what the search of the product must find; the two are compared in test_search.
"""

import base64
import binascii
import html
import quopri
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from urllib.parse import unquote

from adapters.deidentify.own.decoding import BASE64, ESCAPED, HEXADECIMAL, PERCENT, PRINTED, QUOTED, TAG, WRAPPED
from adapters.deidentify.own.folding import EXPANDED, PLAIN
from adapters.deidentify.own.terms import IDEOGRAPHIC, of_date, of_name, of_number

NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


class PlainIdentifiers:
    """Takes identifiers and searches values for them, as OwnIdentifiers does."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._inside: set[str] = set()
        self._whole: set[str] = set()
        self._digits: set[str] = set()
        self._dates: set[str] = set()
        self._days: set[str] = set()

    def add_name(self, name: str) -> None:
        """Add a name."""
        for term in of_name(name):
            if len(term.replace(" ", "")) >= 5 or IDEOGRAPHIC.search(term):
                self._inside.add(term.replace(" ", ""))
            self._words.add(term)

    def add_number(self, number: str) -> None:
        """Add a number."""
        for term in of_number(number):
            bare = term.replace(" ", "")
            if len(bare) <= 2:
                self._whole.add(bare)
                continue
            self._words.add(term)
            if bare.isdecimal():
                self._digits.add(bare)
            elif len(bare) >= 5:
                self._inside.add(bare)

    def add_date(self, text: str) -> None:
        """Add a date."""
        found = re.match(r"(\d{4})\D?(\d\d)\D?(\d\d)", text, re.ASCII)
        if found is None:
            return
        try:
            day = date(*map(int, found.groups()))
        except ValueError:
            return
        self._dates.update(of_date(day))
        self._days.add("".join(found.groups()))

    def is_in(self, value: str) -> bool:
        """Whether one of them is in *value*."""
        return any(self._is_in_form(form) for text in (value, *readings(value)) for form in spaced(text))

    def _is_in_form(self, form: str) -> bool:
        return self._is_written_in(form) or self._is_backwards_in(form)

    def _is_backwards_in(self, form: str) -> bool:
        text = f" {form} "
        joined = re.sub(r"(?<=\d) (?=\d)", "", text)
        wholes = [each for each in self._dates if len(each) == 8 and each.isdecimal()]
        return (
            any(f" {each[::-1]} " in text for each in self._words if len(each) >= 4 and " " not in each)
            or any(each[::-1] in form.replace(" ", "") for each in self._inside)
            or any(_is_alone(each[::-1].lstrip("0"), one) for each in wholes for one in (text, joined))
            or any(_is_alone(each.lstrip("0"), joined) for each in wholes)
            or any(_is_alone(each[::-1], one) for each in self._digits if len(each) >= 4 for one in (text, joined))
        )

    def _is_written_in(self, form: str) -> bool:
        letters, text = form.replace(" ", ""), f" {form} "
        joined = re.sub(r"(?<=\d) (?=\d)", "", text)
        return (
            letters in self._whole
            or any(f" {each} " in text for each in self._words)
            or any(f" {' '.join(each)} " in text for each in self._words if len(each) < 5)
            or any(each in letters for each in self._inside)
            or any(_is_alone(each, one) for each in self._digits for one in (text, joined))
            or any(_is_in_groups(each.lstrip("0"), text) for each in self._digits)
            or any(_is_alone(each, text) for each in self._dates)
            or any(not text[at - 1].isdecimal() for each in self._days for at in _places(each, text))
        )


def _is_alone(term: str, text: str) -> bool:
    """Whether a term is in a text with no digit beside it; zeros before it do not count."""
    for start in _places(term, text):
        before, after = text[:start].rstrip("0"), text[start + len(term)]
        if not before[-1:].isdecimal() and not after.isdecimal():
            return True
    return False


def _is_in_groups(digits: str, text: str) -> bool:
    """Whether a long number is in a text, with blanks between its digits, and other numbers beside it."""
    return len(digits) >= 7 and re.search(rf"(?<!\d)[0 ]*{' ?'.join(digits)}(?!\d)", text) is not None


def _places(term: str, text: str) -> Iterator[int]:
    start = text.find(term)
    while start >= 0:
        yield start
        start = text.find(term, start + 1)


def spaced(text: str) -> Iterator[str]:
    """Yield the forms of a text."""
    seen = "".join(
        str(unicodedata.decimal(each)) if each.isdecimal() else each
        for each in text
        if unicodedata.category(each) != "Cf" and each not in "\u115f\u1160\u3164\uffa0"
    )
    lower = unicodedata.normalize("NFKC", seen).casefold()
    lower = "".join(chr(ord(each) + 0x60) if "\u3041" <= each <= "\u3096" else each for each in lower)
    plain = unicodedata.normalize("NFKD", "".join(PLAIN.get(each, each) for each in lower))
    without = "".join(each for each in plain if not unicodedata.combining(each))
    yield NOT_ALPHANUMERIC.sub(" ", unicodedata.normalize("NFKC", without)).strip()
    expanded = "".join(EXPANDED.get(each, each) for each in lower)
    if expanded == lower:
        return
    decomposed = unicodedata.normalize("NFKD", "".join(PLAIN.get(each, each) for each in expanded))
    yield NOT_ALPHANUMERIC.sub(" ", "".join(each for each in decomposed if not unicodedata.combining(each))).strip()


def readings(text: str) -> Iterator[str]:
    """Yield what a text says once an encoding in it is undone, and once another is undone in that."""
    for once in _unescaped(text):
        yield from (once, *_unescaped(once), *_unpacked(once))
    for once in (*_unpacked(text), *_unpacked(WRAPPED.sub("", text))):
        yield once
        if PRINTED.fullmatch(once):
            yield from (*_unescaped(once), *_unpacked(once))


def _unescaped(text: str) -> Iterator[str]:
    yield text.replace("\0", "")
    yield TAG.sub("", text)
    if PERCENT.search(text):
        yield unquote(text, errors="replace")
    yield html.unescape(text)
    if QUOTED.search(text):
        yield quopri.decodestring(text.encode(errors="replace")).decode(errors="replace")
    yield ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _unpacked(text: str) -> Iterator[str]:
    for token in BASE64.findall(text):
        standard = token.rstrip("=").replace("-", "+").replace("_", "/")
        for offset in range(4):
            group = standard[offset:]
            group = group[: len(group) // 4 * 4] if len(group) % 4 == 1 else group
            try:
                yield from _texts(base64.b64decode(group + "=" * (-len(group) % 4)))
            except binascii.Error:
                continue
    for token in HEXADECIMAL.findall(text):
        digits = re.sub(r"[^0-9A-Fa-f]", "", token)
        yield from _texts(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _texts(octets: bytes) -> Iterator[str]:
    yield octets.decode("utf-8", errors="replace")
    yield octets.decode("latin-1")
    yield octets.replace(b"\0", b"").decode("latin-1")
