"""Dates and times. Nothing is made up: what is not sent is not written, and a time without a zone becomes a date."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

_TIME = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{1,9})?)?)?)?)?)?([+-]\d{4})?\Z", re.ASCII
)


EDGES = frozenset({"0001-01-01", "9999-12-31"})
"""Days that mean never and for ever. A time of day on them can be in a year 0 or 10000 of UTC, which stores refuse."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time as far as it was sent."""

    date: str
    """``2024``, ``2024-05`` or ``2024-05-01``."""
    clock: str = ""
    """``10:15:00``, or empty."""
    has_seconds: bool = False
    is_cut: bool = False
    """Whether there is an hour without minutes, which no dateTime can hold."""
    zone: str = ""
    """``+01:00``, or empty."""


def read_time(raw: str) -> Time | None:
    """Read a TS, DT or DTM; None if it is no valid one."""
    found = _TIME.match(raw)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))  # noqa: DTZ001
    except ValueError:
        return None
    offset = f"{zone[:3]}:{zone[3:]}" if zone and _is_offset(zone) else ""
    if zone and not offset:
        return None
    date = "-".join(part for part in (year, month, day) if part)
    if minute is None or date in EDGES:
        return Time(date, is_cut=hour is not None, zone=offset)
    return Time(date, f"{hour}:{minute}:{second or '00'}{fraction or ''}", second is not None, zone=offset)


def _is_offset(zone: str) -> bool:
    return int(zone[1:3]) <= 14 and int(zone[3:]) < 60 and int(zone[1:]) <= 1400


def offset_at(time: Time, zone: tzinfo, *, again: bool = False) -> str:
    """Return the offset of *zone* at that wall-clock time; in the hour that comes twice, the first one or *again*."""
    local = datetime.fromisoformat(f"{time.date}T{time.clock[:8]}").replace(tzinfo=zone, fold=int(again))
    offset = local.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    minutes = round(abs(offset).total_seconds() / 60)  # before about 1900 some offsets have seconds
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


def has_offset(time: Time, zone: tzinfo) -> bool:
    """Whether *zone* has the offset of a time at that time: then the zone says which one other times have."""
    if not (time.clock and time.zone):
        return False
    local = datetime.fromisoformat(f"{time.date}T{time.clock[:8]}")
    sent = datetime.fromisoformat(f"{local.isoformat()}{time.zone}").utcoffset()
    return sent in {local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}


def later(moment: str, minutes: int) -> str:
    """Return the dateTime *minutes* after *moment*, with the same offset; empty without a time of day."""
    if "T" not in moment:
        return ""
    try:
        return (datetime.fromisoformat(moment) + timedelta(minutes=minutes)).isoformat()
    except OverflowError:
        return ""


def is_before(one: str, other: str) -> bool:
    """Whether the dateTime *one* is before *other*, as far as both are whole (R4 per-1)."""
    if "T" in one and "T" in other:
        return datetime.fromisoformat(one) < datetime.fromisoformat(other)
    length = min(len(one.partition("T")[0]), len(other.partition("T")[0]))
    return one[:length] < other[:length]
