"""The spellings of a name, a number and a date in which they are searched for."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import permutations

from adapters.deidentify.own.folding import spaced

SHORTEST_PART = 3
"""Parts of a name with fewer letters (``Li``, ``de``) count only beside another part of the name."""
SHORTEST_NUMBER = 3
LOCAL, AMERICAN = 7, 10
"""Digits of a telephone number that is searched for without its area, and of one of North America with its area."""
DIGITS = re.compile(r"\d+", re.ASCII)
MOST_PARTS = 8
"""Parts of a name that are combined with one another."""
MONTHS = (
    ("jan", "january", "januar", "janvier", "enero", "gennaio", "januari", "janeiro", "stycznia", "i"),
    ("feb", "february", "februar", "fevrier", "febrero", "febbraio", "februari", "fevereiro", "lutego", "ii"),
    ("mar", "march", "maerz", "marz", "mrz", "mars", "marzo", "maart", "marco", "marca", "iii"),
    ("apr", "april", "avril", "abril", "aprile", "abr", "kwietnia", "iv"),
    ("may", "mai", "mayo", "maggio", "mei", "maio", "maj", "maja", "v"),
    ("jun", "june", "juni", "juin", "junio", "giugno", "junho", "czerwca", "vi"),
    ("jul", "july", "juli", "juillet", "julio", "luglio", "julho", "lipca", "vii"),
    ("aug", "august", "aout", "agosto", "augustus", "augusti", "ago", "sierpnia", "viii"),
    ("sep", "sept", "september", "septembre", "septiembre", "settembre", "setembro", "set", "wrzesnia", "ix"),
    ("oct", "okt", "october", "oktober", "octobre", "octubre", "ottobre", "outubro", "out", "pazdziernika", "x"),
    ("nov", "november", "novembre", "noviembre", "novembro", "listopada", "xi"),
    ("dec", "dez", "december", "dezember", "decembre", "diciembre", "dicembre", "dezembro", "grudnia", "xii"),
)
"""English, German, French, Spanish, Italian, Dutch, Portuguese, Swedish, Polish; then as a Roman number."""
IDEOGRAPHIC = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""Kana, Han and Hangul: a name has few signs, and no blanks are written between words."""


def of_name(name: str) -> Iterator[str]:
    """Yield the parts of a name, and pairs of its parts, in the forms of :func:`spaced`."""
    for form in spaced(name):
        parts = list(dict.fromkeys(form.split()))[:MOST_PARTS]
        for part in parts:
            if len(part) >= (2 if IDEOGRAPHIC.search(part) else SHORTEST_PART) and not part.isdigit():
                yield part
        for one, other in permutations(parts, 2):
            if len(one) < SHORTEST_PART or len(other) < SHORTEST_PART:
                yield f"{one} {other}"
                if len(one) + len(other) > SHORTEST_PART or IDEOGRAPHIC.search(one):
                    yield one + other


def of_number(number: str) -> Iterator[str]:
    """Yield an identifier without punctuation, also without its leading zeros and without letters before it."""
    for form in spaced(number):
        whole = form.replace(" ", "")
        if not whole:
            continue
        yield form
        yield whole
        if len(whole.lstrip("0")) >= SHORTEST_NUMBER:  # 001 is not searched for as 1, which is anywhere
            yield whole.lstrip("0")
        digits = whole.lstrip("abcdefghijklmnopqrstuvwxyz")
        if len(digits) >= 5 and digits.isdigit():
            yield digits
            if len(digits.lstrip("0")) >= SHORTEST_NUMBER:
                yield digits.lstrip("0")


def of_telephone(text: str) -> Iterator[str]:
    """Yield a telephone number, and it without the codes of its country and area, each as :func:`of_number` takes it.

    How many digits the code of a country has, one to three, is not known.
    """
    yield text
    groups = DIGITS.findall(text)
    bare = "".join(groups).lstrip("0")
    yield from (" ".join(groups[start:]) for start in range(1, len(groups)) if len("".join(groups[start:])) >= LOCAL)
    if text.strip().startswith(("+", "00")):
        yield from (bare[size:] for size in (1, 2, 3) if len(bare) - size >= LOCAL)
    elif len(bare) == AMERICAN:
        yield f"1{bare}"


def of_date(day: date) -> Iterator[str]:
    """Yield the spellings of a date, in the forms of :func:`spaced`."""
    yield from of_date_in_digits(day)
    for name in MONTHS[day.month - 1]:
        yield from of_date_with_month(day, name)


def of_date_in_digits(day: date) -> Iterator[str]:
    """Yield those that are made of digits alone."""
    year, month, number = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
    yield f"{year}{month}{number}"
    for long in (year, year[2:]):
        for m, d in ((month, number), (str(day.month), str(day.day))):
            yield f"{long} {m} {d}"
            yield f"{d} {m} {long}"
            yield f"{m} {d} {long}"
    yield f"{number}{month}{year}"
    yield f"{month}{number}{year}"


def of_date_with_month(day: date, name: str) -> Iterator[str]:
    """Yield those with one *name* of the month: it stands before a blank, or before the four digits of the year."""
    year, number = f"{day.year:04}", f"{day.day:02}"
    for d in dict.fromkeys((number, str(day.day))):
        for ending in ("", "st", "nd", "rd", "th"):
            yield f"{d}{ending} {name} {year}"
            yield f"{name} {d}{ending} {year}"
            yield f"{d}{ending} of {name} {year}"
        yield f"{d}{name}{year}"
        yield f"{d} de {name} de {year}"
        yield f"{d} de {name} {year}"
        yield f"{d} {name} {year[2:]}"
    yield f"{year} {name} {number}"
