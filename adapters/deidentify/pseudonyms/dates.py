"""Moves dates by whole days, in the spellings of DICOM, HL7v2 and FHIR. The clock and the zone stay as they are."""

import re
from datetime import date, timedelta

HOUR, SIXTY, ZONE = r"(?:[01]\d|2[0-4])", r"[0-5]\d", r"[+-](?:0\d|1[0-4])"
SECOND = rf"(?:{SIXTY}|60)"
"""A clock and a zone have no other numbers: behind a date, six digits of any kind would be room for an identifier."""
EXTENDED = re.compile(
    rf"(\d{{4}})(?:-(\d\d)(?:-(\d\d))?)?(T{HOUR}(?::{SIXTY}(?::{SECOND}(?:\.\d{{1,9}})?)?)?(?:Z|{ZONE}:{SIXTY})?)?\Z",
    re.ASCII,
)
REST_OF_COMPACT = re.compile(
    rf"(?:{HOUR}(?:{SIXTY}(?:{SECOND}(?:\.\d{{1,6}})?)?)?)?(?:{ZONE}{SIXTY})?[ \0]*\Z", re.ASCII
)
CLOCK = re.compile(r"\d{8}(\d{6}(?:\.\d+)?)", re.ASCII)
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


def clock_of(text: str) -> str:
    """Return the clock of a compact date with a clock, without its zone; empty if it has no seconds.

    It stays as it is, and its six digits and more may be an identifier.
    """
    found = CLOCK.match(text)
    return found[1] if found else ""


def _moved(year: str, month: str | None, day: str | None, days: int, separator: str) -> str | None:
    try:
        start = date(int(year), int(month or 7), int(day or (15 if month else 1)))
        end = start + timedelta(days)
    except (ValueError, OverflowError):
        return None
    parts = [f"{end.year:04}", f"{end.month:02}", f"{end.day:02}"]
    return separator.join(parts[: 1 + (month is not None) + (day is not None)])
