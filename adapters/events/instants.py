"""Timestamps of stores (RFC 3339) as whole nanoseconds since the epoch, which compare exactly."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SECOND, MILLISECOND = 10**9, 10**6
_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_instant(text: object) -> int | None:
    """Return the nanoseconds since the epoch, or None if *text* is no timestamp. Never raises."""
    found = _FORM.fullmatch(text) if isinstance(text, str) and len(text) <= 40 else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[number]) for number in range(1, 7))
    try:
        whole = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60 is a leap second
    except ValueError:
        return None
    shift = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0)) * (-1 if found[8] == "-" else 1)
    seconds = (whole - _EPOCH) // timedelta(seconds=1) - shift // timedelta(seconds=1)
    return seconds * SECOND + int((found[7] or "").ljust(9, "0"))


def read_http_date(text: str | None) -> int | None:
    """Return the nanoseconds since the epoch of a Date header (RFC 9110 5.6.7), or None. Never raises."""
    try:
        date = None if text is None else parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if date is None:
        return None
    return (date.replace(tzinfo=date.tzinfo or UTC) - _EPOCH) // timedelta(seconds=1) * SECOND


def written(instant: int) -> str:
    """Return *instant* in RFC 3339, rounded down to milliseconds: stores compare no finer."""
    moment = _EPOCH + timedelta(milliseconds=instant // MILLISECOND)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
