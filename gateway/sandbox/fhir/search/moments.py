"""FHIR's dates as half-open intervals of microseconds since 1970, so that a partial date is as long as it says."""

import re
from datetime import UTC, datetime, timedelta

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:T(?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:\.(?P<fraction>\d+))?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_800_000_000
"""The years 1 and 10000: the ends of a period that is open."""
Interval = tuple[int, int]


def interval(text: str) -> Interval | None:
    """Return where a date begins and ends; None if it is none. A time without a zone is taken as UTC."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return _between(match)
    except (ValueError, OverflowError):
        return None


def _between(match: re.Match[str]) -> Interval:
    year, month, day = int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    fraction = (match["fraction"] or "")[:6]
    # A leap second is the second before it.
    moment = datetime(year, month, day, hour, minute, min(second, 59), int(fraction.ljust(6, "0")), UTC)
    low = _micros(moment - _offset(match["zone"]))
    if match["month"] is None:
        return low, _micros(datetime(year + 1, 1, 1, tzinfo=UTC)) if year < 9999 else LAST
    if match["day"] is None:
        following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) if (year, month) < (9999, 12) else None
        return low, _micros(following) if following else LAST
    if match["hour"] is None:
        return low, low + 86_400_000_000
    if match["second"] is None:
        return low, low + 60_000_000
    return low, low + 10 ** (6 - len(fraction))


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "Z"):
        return timedelta()
    assert zone is not None  # noqa: S101 - mypy
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return -size if zone.startswith("-") else size


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def micros_now() -> int:
    """Return the current time in microseconds since 1970."""
    return _micros(datetime.now(UTC))


def rfc3339_of(micros: int) -> str:
    """Return a moment as FHIR's ``instant``."""
    return (_EPOCH + timedelta(microseconds=micros)).isoformat(timespec="microseconds").replace("+00:00", "Z")
