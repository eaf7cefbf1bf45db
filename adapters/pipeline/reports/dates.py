"""The date of a report, as ISO 8601 has it: read where it can be read in one way only, or a setting says which."""

import re
from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Literal

from adapters.deidentify.own.folding import spaced
from adapters.deidentify.own.terms import MONTHS

Order = Literal["day_first", "month_first"] | None
UNKNOWN = "its date is in no form that is known, so it has none"
TWO_WAYS = "day and month of its date may be either way round, so it has none; set `dates`"
CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)? ?(?P<half>[AaPp]\.?[Mm]\.?)?"
ZONE = r"(?P<zone>Z|[+-]\d\d:?\d\d)?"
FORMS = tuple(
    re.compile(form + r"\Z", re.ASCII)
    for form in (
        rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d\d?)(?P=sep)(?P<day>\d\d?)(?:[T ]+{CLOCK} ?{ZONE})?",
        (  # DA, DT, TS
            r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
            rf"(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)(?:(?P<second>\d\d)(?:\.\d{{1,6}})?)?)?{ZONE})?"
        ),
        rf"(?P<first>\d\d?)(?P<sep>[-/.])(?P<other>\d\d?)(?P=sep)(?P<year>\d{{4}})(?:,? +{CLOCK} ?{ZONE})?",
    )
)
IN_WORDS = tuple(
    re.compile(form + rf"(?:,? +{CLOCK} ?{ZONE})?\Z")
    for form in (
        r"(?P<day>\d\d?)(?:\.|st|nd|rd|th)?[- ]?(?P<name>[^\W\d_]+)\.?,?[- ]?(?P<year>\d{4})",
        r"(?P<name>[^\W\d_]+)\.? ?(?P<day>\d\d?)(?:st|nd|rd|th)?,? +(?P<year>\d{4})",
    )
)


class DateError(ValueError):
    """The text is no date that can be read with certainty. The text of the error has the reason, and not the date."""


def read_date(text: str, order: Order = None) -> str | None:
    """Return a date or a date with a clock in ISO 8601, None for an empty text; raises DateError.

    It reads ``2021-03-04``, ``2021/03/04`` and ``2021.03.04``; DICOM's and HL7's ``20210304`` with or without a clock
    behind it; a month by its name in the languages of ``own/terms.py``; ``04.03.2021``, ``04/03/2021`` and
    ``04-03-2021`` if one of the first two numbers is above 12, both are the same, or *order* says which is the day. A
    year of two digits is not read.
    """
    text = text.strip(" \t\0")
    if not text:
        return None
    found = next((match for form in (*FORMS, *IN_WORDS) if (match := form.match(text))), None)
    if found is None:
        raise DateError(UNKNOWN)
    parts = found.groupdict()
    month, day = _month_and_day(parts, order)
    try:
        day_found = date(int(parts["year"]), month, day)
        if parts["hour"] is None:
            return day_found.isoformat()
        return _with_clock(day_found, parts)
    except ValueError:
        raise DateError(UNKNOWN) from None


def _month_and_day(parts: dict[str, str | None], order: Order) -> tuple[int, int]:
    if (name := parts.get("name")) is not None:
        month = next((found for form in spaced(name) if (found := _months().get(form))), None)
        if month is None:
            raise DateError(UNKNOWN)
        return month, int(parts["day"] or 0)
    if "first" not in parts:
        return int(parts["month"] or 0), int(parts["day"] or 0)
    one, other = int(parts["first"] or 0), int(parts["other"] or 0)
    if order is None and one <= 12 and other <= 12 and one != other:
        raise DateError(TWO_WAYS)
    is_day_first = order == "day_first" if order else one > 12 or one == other
    return (other, one) if is_day_first else (one, other)


def _with_clock(day: date, parts: dict[str, str | None]) -> str:
    hour, half = int(parts["hour"] or 0), (parts.get("half") or "")[:1].lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = parts["zone"]
    moment = datetime(day.year, day.month, day.day, hour, int(parts["minute"] or 0), int(parts["second"] or 0))  # noqa: DTZ001  the zone, if any, follows
    return moment.replace(tzinfo=None if zone is None else _zone(zone)).isoformat()


def _zone(text: str) -> timezone:
    if text == "Z":
        return timezone.utc  # noqa: UP017  as the other one
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


@cache
def _months() -> dict[str, int]:
    """Return the months by their names of three letters and more; Roman numbers are not told from other letters."""
    return {name: number for number, names in enumerate(MONTHS, 1) for name in names if len(name) > 2 and name != "iii"}
