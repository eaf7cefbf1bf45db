"""Moves dates by whole days, in the spellings of DICOM, HL7v2 and FHIR. The clock and the zone stay as they are."""

import re
from datetime import date, timedelta

EXTENDED = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(T.*)?\Z", re.ASCII | re.DOTALL)
REST_OF_COMPACT = re.compile(r"(?:\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?(?:[+-]\d{4})?[ \0]*\Z", re.ASCII)
OLD_FORM = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)[ \0]*\Z", re.ASCII)
"""The DA of ACR-NEMA (PS3.5 6.2, note of DA)."""


def moved(text: str, days: int) -> str | None:
    """Return a date or a date with a clock, moved by *days*, in its own spelling; None if it is no date.

    A month without a day is moved as its 15th, a year alone as the 1st of July; the result has no more parts than
    *text*. ``YYYYMMDD…`` is DICOM's DA and DT and HL7v2's, ``YYYY-MM-DD…`` that of FHIR, ``YYYY.MM.DD`` an old DA.
    """
    if old := OLD_FORM.match(text):
        found = _moved(*old.groups(), days)
        return found and "{}.{}.{}".format(*found)
    if extended := EXTENDED.match(text):
        year, month, day, rest = extended.groups()
        if rest and day is None:
            return None
        found = _moved(year, month, day, days)
        return found and "-".join(found) + (rest or "")
    compact = re.match(r"(\d{4})(?:(\d\d)(\d\d)?)?", text, re.ASCII)
    if compact is None:
        return None
    year, month, day = compact.groups()
    rest = text[compact.end() :]
    if not REST_OF_COMPACT.match(rest) or (rest[:1].isdigit() and day is None):
        return None
    found = _moved(year, month, day, days)
    return found and "".join(found) + rest


def _moved(year: str, month: str | None, day: str | None, days: int) -> list[str] | None:
    try:
        start = date(int(year), int(month or 7), int(day or (15 if month else 1)))
        end = start + timedelta(days)
    except (ValueError, OverflowError):
        return None
    parts = [f"{end.year:04}"]
    if month is not None:
        parts.append(f"{end.month:02}")
    if day is not None:
        parts.append(f"{end.day:02}")
    return parts
