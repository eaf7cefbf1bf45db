"""Which of two times is older, when both may be partial: a day without a clock, or a year.

A time may be two, with a blank between: when something was so, and when that was sent. The second decides where the
first does not; it is the same as the first if it is not there.

Two moments with a zone are compared as moments. A partial time and a clock without a zone are taken for times in the
zone of the other: the systems of a hospital are in one zone. A partial time is the span that it may mean; so are two
moments with ``/`` between, which are a clock in the hour that comes twice. Of two spans that overlap neither is older.
Then the order in which the messages come decides, as between systems that send no times.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
SMALLEST = timedelta(microseconds=1)
AHEAD = timedelta(days=1)
"""How far the time of a message may be after the clock here: a day without a clock or a zone may be a day ahead."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a time may mean, by the clocks where it was written; *moments*, its ends, are set if its zone is known."""

    first: datetime
    last: datetime
    moments: tuple[datetime, datetime] | None = None


def is_older(one: str, other: str) -> bool:
    """Whether the time *one* is certainly before the time *other*; false if one of them is no time."""
    return _order(one, other) < 0


def _order(one: str, other: str) -> int:
    """Return -1 if the time *one* is certainly before *other*, 1 if it is after it, otherwise 0."""
    for before, after in zip(_pair(one), _pair(other), strict=True):
        if _is_before(before, after):
            return -1
        if _is_before(after, before):
            return 1
    return 0


def happened(text: str) -> str:
    """Return when something was so, without the time at which that was sent."""
    return text.partition(" ")[0]


def _pair(text: str) -> tuple[Span | None, Span | None]:
    first, _, second = text.partition(" ")
    return _span(first), _span(second or first)


def _is_before(before: Span | None, after: Span | None) -> bool:
    if before is None or after is None:
        return False
    if before.moments is not None and after.moments is not None:
        return before.moments[1] < after.moments[0]
    return before.last < after.first


def later(one: str, other: str) -> str:
    """Return the time that is or begins later; of two that begin together the exact one."""
    (before, _), (after, _) = _pair(one), _pair(other)
    if before is None or after is None:
        return other if before is None else one
    if order := _order(one, other):
        return one if order > 0 else other
    if before.moments is not None and after.moments is not None:
        return one if before.moments > after.moments else other
    return one if (before.first, after.last) > (after.first, before.last) else other


def is_ahead(text: str, now: datetime) -> bool:
    """Whether a time is in the future, which what has happened cannot be: the clock of its sender is wrong."""
    span = _span(text)
    return span is not None and (span.moments[0] if span.moments else span.first.replace(tzinfo=UTC)) > now + AHEAD


def until(text: str, now: datetime) -> str:
    """Return the time, or *now* if it is in the future."""
    return now.strftime("%Y-%m-%dT%H:%M:%SZ") if is_ahead(text, now) else text


def place(time: str) -> str:
    """Return a text by which times are sorted; that of no time comes first."""
    spans = [each for each in _pair(time) if each is not None]
    return " ".join((each.moments[0] if each.moments else each.first).isoformat() for each in spans)


@lru_cache(maxsize=4096)
def _span(text: str) -> Span | None:
    """Return the span of a time; None if it is none."""
    ends = text.split("/", 2)
    if len(ends) == 2:
        return _either(*map(_span, ends))
    found = DATE_TIME.fullmatch(text)
    if found is None:
        return None
    try:
        if found[4]:
            moment = datetime.fromisoformat(f"{text[:19]}.{(found[5] or '')[:6]:0<6}{found[6] or ''}")
            local = moment.replace(tzinfo=None)
            return Span(local, local, (moment.astimezone(UTC),) * 2 if found[6] else None)
        return _days(int(found[1]), int(found[2] or 0), int(found[3] or 0))
    except (ValueError, OverflowError):
        return None


def _either(one: Span | None, other: Span | None) -> Span | None:
    if one is None or other is None or one.moments is None or other.moments is None:
        return None
    return Span(one.first, other.last, (one.moments[0], other.moments[1]))


def _days(year: int, month: int, day: int) -> Span:
    first = datetime(year, month or 1, day or 1)  # noqa: DTZ001 - by the clocks where it was written
    if day:
        end = first + timedelta(days=1)
    elif month:
        end = first.replace(year=year + month // 12, month=month % 12 + 1)
    else:
        end = first.replace(year=year + 1)
    return Span(first, end - SMALLEST)
