"""Which of two times is older, when both may be partial: a day without a clock, or a year.

Two moments with a zone are compared as moments. A partial time has no zone, and is taken for one in the zone of the
other: the systems of a hospital are in one zone. It is the span that it may mean; of two spans that overlap neither is
older. Then the order in which the messages come decides, as between systems that send no times.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d))?)?)?", re.ASCII
)
SMALLEST = timedelta(microseconds=1)
AHEAD = timedelta(days=1)
"""How far the time of a message may be after the clock here: a day without a clock or a zone may be a day ahead."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a time may mean, by the clocks where it was written; *moment* is set if it is exact."""

    first: datetime
    last: datetime
    moment: datetime | None = None


def is_older(one: str, other: str) -> bool:
    """Whether the time *one* is certainly before the time *other*; false if one of them is no time."""
    before, after = _span(one), _span(other)
    if before is None or after is None:
        return False
    if before.moment is not None and after.moment is not None:
        return before.moment < after.moment
    return before.last < after.first


def later(one: str, other: str) -> str:
    """Return the time that begins later; of two that begin together the exact one."""
    before, after = _span(one), _span(other)
    if before is None or after is None:
        return other if before is None else one
    if before.moment is not None and after.moment is not None:
        return one if before.moment > after.moment else other
    return one if (before.first, after.last) > (after.first, before.last) else other


def is_ahead(text: str, now: datetime) -> bool:
    """Whether a time is in the future, which what has happened cannot be: the clock of its sender is wrong."""
    span = _span(text)
    return span is not None and (span.moment or span.first.replace(tzinfo=UTC)) > now + AHEAD


def until(text: str, now: datetime) -> str:
    """Return the time, or *now* if it is in the future."""
    return now.strftime("%Y-%m-%dT%H:%M:%SZ") if is_ahead(text, now) else text


def place(time: str) -> str:
    """Return a text by which times are sorted; that of no time comes first."""
    span = _span(time)
    return "" if span is None else (span.moment or span.first).isoformat()


@lru_cache(maxsize=4096)
def _span(text: str) -> Span | None:
    """Return the span of a FHIR dateTime; None if it is none."""
    found = DATE_TIME.fullmatch(text)
    if found is None:
        return None
    try:
        if found[4]:
            moment = datetime.fromisoformat(f"{text[:19]}.{(found[5] or '')[:6]:0<6}{found[6]}")
            local = moment.replace(tzinfo=None)
            return Span(local, local, moment.astimezone(UTC))
        return _days(int(found[1]), int(found[2] or 0), int(found[3] or 0))
    except (ValueError, OverflowError):
        return None


def _days(year: int, month: int, day: int) -> Span:
    first = datetime(year, month or 1, day or 1)  # noqa: DTZ001 - by the clocks where it was written
    if day:
        end = first + timedelta(days=1)
    elif month:
        end = first.replace(year=year + month // 12, month=month % 12 + 1)
    else:
        end = first.replace(year=year + 1)
    return Span(first, end - SMALLEST)
