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
        return _moved(old[1], old[2], old[3], days, ".")
    if extended := EXTENDED.match(text):
        year, month, day, rest = extended.groups()
        found = None if rest and day is None else _moved(year, month, day, days, "-")
        return None if found is None else found + (rest or "")
    compact = re.match(r"(\d{4})(?:(\d\d)(\d\d)?)?", text, re.ASCII)
    if compact is None:
        return None
    rest = text[compact.end() :]
    if not REST_OF_COMPACT.match(rest) or (rest[:1].isdigit() and compact[3] is None):
        return None
    found = _moved(compact[1], compact[2], compact[3], days, "")
    return None if found is None else found + rest


def _moved(year: str, month: str | None, day: str | None, days: int, separator: str) -> str | None:
    try:
        start = date(int(year), int(month or 7), int(day or (15 if month else 1)))
        end = start + timedelta(days)
    except (ValueError, OverflowError):
        return None
    parts = [f"{end.year:04}", f"{end.month:02}", f"{end.day:02}"]
    return separator.join(parts[: 1 + (month is not None) + (day is not None)])
