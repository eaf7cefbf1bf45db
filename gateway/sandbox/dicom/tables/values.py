"""A value of DICOM JSON (PS3.18 F) as a value of a column of BigQuery; what does not fit its type raises Misfit.

DS and IS are text, as in Google's export, so that no digit is lost.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

TYPES: Mapping[str, str] = {
    **dict.fromkeys(("AE", "AS", "CS", "LO", "LT", "SH", "ST", "UC", "UI", "UR", "UT", "DS", "IS"), "STRING"),
    **dict.fromkeys(("AT", "SL", "SS", "UL", "US", "SV", "UV"), "INTEGER"),
    **dict.fromkeys(("FL", "FD"), "FLOAT"),
    "DA": "DATE",
    "TM": "TIME",
    "DT": "TIMESTAMP",
    "PN": "RECORD",
    "SQ": "RECORD",
}
"""The type of the column of each value representation; the others, which are binary, have none."""
NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,6}))?)?)?", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,6}))?)?)?)?)?)?([+-]\d{4})?", re.ASCII
)


class MisfitError(ValueError):
    """A value is not one of its type. There is no text: it would be the value."""


def read(vr: str, value: Any) -> Any:
    """Return a value of an element that is no sequence."""
    reader: Callable[[Any], Any] = _READERS.get(vr, _text)
    try:
        return reader(value)
    except (ValueError, TypeError, OverflowError):
        raise MisfitError from None


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise MisfitError
    return str(value)


def _integer(value: Any) -> int:
    found = int(value)
    if isinstance(value, bool) or not -(2**63) <= found < 2**63:
        raise MisfitError
    return found


def _tag(value: Any) -> int:
    return int(value, 16)


def _float(value: Any) -> float:
    return float(value)


def _date(value: Any) -> str:
    found = _match(_DATE, value)
    return date(*(int(each) for each in found.groups())).isoformat()


def _time(value: Any) -> str:
    hour, minute, second, fraction = _match(_TIME, value).groups()
    return time(int(hour), int(minute or 0), int(second or 0), _micro(fraction)).isoformat("microseconds")


def _moment(value: Any) -> str:
    *parts, fraction, offset = _match(_MOMENT, value).groups()
    numbers = [int(each) if each else least for each, least in zip(parts, (1, 1, 1, 0, 0, 0), strict=True)]
    zone = timezone(timedelta(hours=int(offset[:3]), minutes=int(offset[0] + offset[3:]))) if offset else UTC
    year, month, day, hour, minute, second = numbers
    found = datetime(year, month, day, hour, minute, second, _micro(fraction), zone)
    return found.astimezone(UTC).isoformat(" ", "microseconds")


def _name(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) - set(NAME_GROUPS):
        raise MisfitError
    return {group: _text(text) for group, text in value.items()}


def _match(pattern: re.Pattern[str], value: Any) -> re.Match[str]:
    found = pattern.fullmatch(value.strip(" ")) if isinstance(value, str) else None
    if found is None:
        raise MisfitError
    return found


def _micro(fraction: str | None) -> int:
    return int((fraction or "0").ljust(6, "0"))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("SL", "SS", "UL", "US", "SV", "UV"), _integer),
    **dict.fromkeys(("FL", "FD"), _float),
    "AT": _tag,
    "DA": _date,
    "TM": _time,
    "DT": _moment,
    "PN": _name,
}
