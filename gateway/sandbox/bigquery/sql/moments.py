"""Literals of dates and times, read here so that DuckDB's own rules do not matter; and time zones."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from gateway.sandbox.bigquery.sql.refusing import QueryRefused

_DATE = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,6}))?"
_ZONE = r"(?P<zone>Z|z|[+-]\d{1,2}(?::\d{2})?| ?[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)"
DATE = re.compile(_DATE)
TIME = re.compile(_TIME)
DATETIME = re.compile(rf"{_DATE}(?:[ Tt]{_TIME})?")
TIMESTAMP = re.compile(rf"{_DATE}(?:[ Tt]{_TIME})?{_ZONE}?")


def _moment(found: re.Match[str]) -> datetime:
    parts = found.groupdict()
    fraction = (parts.get("fraction") or "").ljust(6, "0")
    day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    return datetime.combine(day, time(hour, minute, second, int(fraction)))


def _match(pattern: re.Pattern[str], literal: str, kind: str) -> re.Match[str]:
    found = pattern.fullmatch(literal)
    if found is None:
        raise QueryRefused(f"a {kind} literal of this form")
    return found


def _invalid(kind: str) -> QueryRefused:
    return QueryRefused(f"a {kind} literal", "does not name a day and a time that exist")


def date_literal(literal: str) -> str:
    """Return the SQL of a DATE."""
    found = _match(DATE, literal, "DATE")
    try:
        return f"DATE '{date(int(found['year']), int(found['month']), int(found['day'])).isoformat()}'"
    except ValueError:
        raise _invalid("DATE") from None


def time_literal(literal: str) -> str:
    """Return the SQL of a TIME."""
    found = _match(TIME, literal, "TIME")
    try:
        fraction = int((found["fraction"] or "").ljust(6, "0"))
        return f"TIME '{time(int(found['hour']), int(found['minute']), int(found['second']), fraction).isoformat()}'"
    except ValueError:
        raise _invalid("TIME") from None


def datetime_literal(literal: str) -> str:
    """Return the SQL of a DATETIME."""
    found = _match(DATETIME, literal, "DATETIME")
    try:
        return f"TIMESTAMP '{_moment(found).isoformat(' ')}'"
    except ValueError:
        raise _invalid("DATETIME") from None


def timestamp_literal(literal: str) -> str:
    """Return the SQL of a TIMESTAMP; without a time zone it is in UTC."""
    found = _match(TIMESTAMP, literal, "TIMESTAMP")
    try:
        local = _moment(found)
        moment = _in_utc(local, (found["zone"] or "UTC").strip())
    except (ValueError, OverflowError):
        raise _invalid("TIMESTAMP") from None
    return f"TIMESTAMPTZ '{moment.replace(tzinfo=None).isoformat(' ')}+00'"


def _in_utc(local: datetime, zone: str) -> datetime:
    if zone in {"Z", "z", "UTC"}:
        return local.replace(tzinfo=UTC)
    if zone[0] in "+-":
        hours, _, minutes = zone[1:].partition(":")
        away = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if away > timedelta(hours=14):
            raise _invalid("TIMESTAMP")
        return local.replace(tzinfo=UTC) - (away if zone[0] == "+" else -away)
    place = ZoneInfo(zone_name(zone))
    early, late = (local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early != late:  # the clock was changed: the time exists twice, or not at all
        raise QueryRefused("a TIMESTAMP literal in an hour in which clocks were changed")
    return early


def zone_name(name: str) -> str:
    """Return the name of a time zone; refuses what is none."""
    if name not in available_timezones() or name in {"localtime", "Factory"}:
        raise QueryRefused("a time zone that is no name of the tz database, such as Europe/Berlin,")
    return name


READERS: dict[str, Callable[[str], str]] = {
    "DATE": date_literal,
    "TIME": time_literal,
    "DATETIME": datetime_literal,
    "TIMESTAMP": timestamp_literal,
}
