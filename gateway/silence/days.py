"""Days of the calendar as operators write them: a date, a day of every year, or a range of either."""

import re
from dataclasses import dataclass
from datetime import date

DAY = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")
SOME_LEAP_YEAR = 2024
FORM = "write a date such as `2026-12-25`, a day of every year such as `12-25`, or a range of two: `12-24..01-02`"

Written = tuple[int, ...]
"""Year, month and day, or month and day of every year."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days from the first to the last one; without years, in every year, also around its end."""

    first: Written
    last: Written

    def __contains__(self, day: date) -> bool:
        """Whether *day* is one of them."""
        here = (day.year, day.month, day.day)[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


def read_days(text: str) -> Days:
    """Return what *text* says; raises ValueError with the reason and how to correct it."""
    first, dots, last = text.partition("..")
    begin = _read(first.strip())
    end = _read(last.strip()) if dots else begin
    if len(begin) != len(end):
        raise ValueError(f"has a year on one side only; {FORM}")
    if len(begin) == 3 and end < begin:
        raise ValueError("ends before it begins; exchange the two dates")
    return Days(begin, end)


def _read(text: str) -> Written:
    match = DAY.fullmatch(text)
    if match is None:
        raise ValueError(f"is not a day; {FORM}")
    year, month, day = match.groups()
    try:
        date(int(year or SOME_LEAP_YEAR), int(month), int(day))
    except ValueError:
        raise ValueError(f"is not a day of the calendar; {FORM}") from None
    return (int(month), int(day)) if year is None else (int(year), int(month), int(day))
