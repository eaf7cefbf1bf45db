"""Dates within a text: moved, cut to their year, or removed, also those that no header has."""

import re
from collections.abc import Callable, Collection
from datetime import date, timedelta
from functools import cache
from typing import Literal

from adapters.deidentify.own.cleaning import REMOVED
from adapters.deidentify.own.terms import MONTHS
from adapters.pipeline.reports.dates import DateError, Order, read_date

Treatment = Literal["shift", "year", "remove"]
ALONE, END = r"(?<!\d)(?<!\d[./])", r"(?!\d)(?![./]\d)"
"""In 1.2.2021.3.4 is no date."""
YEAR_FIRST = re.compile(rf"{ALONE}(?P<year>\d{{4}})(?P<one>[-/.])(?P<m>\d\d?)(?P=one)(?P<d>\d\d?){END}", re.ASCII)
COMPACT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)", re.ASCII)
NUMERIC = re.compile(
    rf"{ALONE}(?P<a>[0-3]?\d)(?P<one>[-/.] ?)(?P<b>[0-3]?\d)(?P=one)(?P<year>\d{{4}}|'?\d\d){END}", re.ASCII
)
WITH_CLOCK = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{2,6}(?!\d)", re.ASCII
)
"""A date and a clock as one number: it has room for an identifier."""
MONTH_AND_YEAR = re.compile(rf"{ALONE}(?:0?[1-9]|1[0-2])[-/.] ?(?P<year>(?:19|20)\d\d)(?!-\d){END}", re.ASCII)
ACCENTS = {"a": "aàáâãä", "c": "cçć", "e": "eèéêë", "i": "iìíîï", "n": "nñń", "o": "oòóôõö", "s": "sś", "u": "uùúûü",
           "z": "zźż"}  # fmt: skip
LONG = 4
"""Letters of a month that is one without a year beside it: in "2 and 3 may be benign" is none."""


def without_dates(text: str, treatment: Treatment, days: int, births: Collection[str], order: Order = None) -> str:
    """Return *text* with each date in it moved by *days*, cut to its year, or removed.

    Moved is a date that can be read in one way, or in that of *order*; it keeps its spelling. Any other is removed, and
    so is a month in words, a year of two digits, and a date of *births* (``YYYY-MM-DD``). A year alone stays.
    """
    told = _Told(treatment, days, births, order)
    forms = (
        (WITH_CLOCK, told.in_words),
        (YEAR_FIRST, told.with_year_first),
        (COMPACT, told.with_year_first),
        (NUMERIC, told.numeric),
        *((form, told.in_words) for form in _in_words()),
        (MONTH_AND_YEAR, told.in_words),
    )
    found = [
        (match.start(), rank, match.end(), made)
        for rank, (form, put) in enumerate(forms)
        for match in form.finditer(text)
        if (made := put(match)) is not None
    ]
    pieces, last = list[str](), 0
    for start, _, end, made in sorted(found):
        if start >= last:  # a moved date is not looked at again
            pieces += [text[last:start], made]
        elif end > last:  # "14 March 7, 1954": nobody knows which of the two is meant
            pieces[-1] = REMOVED
        last = max(last, end)
    return "".join([*pieces, text[last:]])


class _Told:
    """What is told of a date."""

    def __init__(self, treatment: Treatment, days: int, births: Collection[str], order: Order) -> None:
        self._treatment, self._days, self._births, self._order = treatment, days, frozenset(births), order

    def with_year_first(self, found: re.Match[str]) -> str | None:
        """Return what is put in the place of year, month and day; None if it is no date."""
        try:
            day = date(int(found["year"]), int(found["m"]), int(found["d"]))
        except ValueError:
            return None
        return self._of(day, found, {"m": lambda new: new.month, "d": lambda new: new.day})

    def numeric(self, found: re.Match[str]) -> str | None:
        """Return what is put in the place of two numbers and a year; None if it is no date in any order."""
        a, b, year = int(found["a"]), int(found["b"]), found["year"]
        if not (1 <= a <= 31 and 1 <= b <= 31 and min(a, b) <= 12):
            return None
        if len(year) < 4:
            return REMOVED
        try:
            day = date.fromisoformat(read_date(f"{a}/{b}/{year}", self._order) or "")
        except DateError:
            return self.in_words(found)
        is_day_first = (day.day, day.month) == (a, b)
        pick: dict[str, Callable[[date], int]] = {
            "a" if is_day_first else "b": lambda new: new.day,
            "b" if is_day_first else "a": lambda new: new.month,
        }
        return self._of(day, found, pick)

    def in_words(self, found: re.Match[str]) -> str:
        """Return what is put in the place of a date that is never moved."""
        year = found["year"]
        if self._treatment == "year" and len(year) == 4 and not self._is_birth_year(year):
            return year
        return REMOVED

    def _is_birth_year(self, year: str) -> bool:
        return any(each.startswith(year) for each in self._births)

    def _of(self, day: date, found: re.Match[str], parts: "dict[str, Callable[[date], int]]") -> str:
        """Return the date in the spelling in which it was *found*."""
        if self._treatment == "remove" or day.isoformat() in self._births:
            return REMOVED
        if self._treatment == "year":
            return REMOVED if self._is_birth_year(found["year"]) else found["year"]
        try:
            new = day + timedelta(self._days)
        except OverflowError:
            return REMOVED
        told = {**{name: f"{part(new):0{len(found[name])}}" for name, part in parts.items()}, "year": f"{new.year:04}"}
        pieces, last = [], 0
        for start, end, name in sorted((*found.span(name), name) for name in told):
            pieces += [found[0][last : start - found.start()], told[name]]
            last = end - found.start()
        return "".join([*pieces, found[0][last:]])


@cache
def _in_words() -> tuple[re.Pattern[str], ...]:
    """Return the forms of dates with a month in words."""
    names = sorted({name for row in MONTHS for name in row if len(name) > 2 and name not in {"iii", "vii", "xii"}})
    every = "|".join(map(_letters, names))
    long = "|".join(_letters(name) for name in names if len(name) >= LONG)
    day = r"(?<!\d)[0-3]?\d(?:\.|st|nd|rd|th|er)?[ \u00a0-]?(?:of |de )?"
    year = r"(?P<year>\d{4}|'\d\d)(?!\d)"
    forms = (
        rf"{day}(?:{every})\b\.?,?[ \u00a0-]?(?:del? )?{year}",
        rf"\b(?:{every})\b\.? ?[0-3]?\d(?:st|nd|rd|th)?,? {year}",
        rf"\b(?:{every})\b\.?,? (?:de )?{year}",
        rf"{day}(?:{long})\b(?P<year>)",
    )
    return tuple(re.compile(form, re.IGNORECASE) for form in forms)


def _letters(name: str) -> str:
    made = "".join(f"[{ACCENTS[each]}]" if each in ACCENTS else each for each in name)
    return made if name != "maerz" else "m(?:ae|ä)rz"
