"""Times of the week as operators write them: days, a time of the day, or both."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIME = r"([0-9]{1,2}):([0-9]{2})"
TIMES = re.compile(rf"{TIME}\s*-\s*{TIME}")
WHOLE_DAY = 24 * 60
FORM = "write days, times, or both: `Sat-Sun`, `02:00-04:00`, `Mon-Fri 19:00-06:30`"


@dataclass(frozen=True, slots=True)
class WeekTimes:
    """From one time to another on some days of the week; the end may be on the next day."""

    days: frozenset[int]
    """Days of the week, Monday is 0."""
    begin: int
    """Minutes after midnight."""
    end: int
    """Minutes after the same midnight: more than a day's if it ends on the next day."""

    def begun_on(self, now: datetime) -> datetime | None:
        """Return midnight of the day on which the time began in which *now*, a local time, is; None if in none."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        for days_ago in (0, 1):
            day = today - timedelta(days=days_ago)
            minute = now.hour * 60 + now.minute + days_ago * WHOLE_DAY
            if day.weekday() in self.days and self.begin <= minute < self.end:
                return day
        return None


ALL_DAY = WeekTimes(frozenset(range(7)), 0, WHOLE_DAY)


def read_week_times(text: str) -> WeekTimes:
    """Return what *text* says; raises ValueError with the reason and how to correct it."""
    words, times = text.strip(), TIMES.search(text)
    begin, end = 0, WHOLE_DAY
    if times is not None and times.end() == len(text.rstrip()):
        words = text[: times.start()].strip()
        begin, end = _minutes(times[1], times[2]), _minutes(times[3], times[4])
        if begin in (end, WHOLE_DAY):
            raise ValueError("lasts no time; leave the times out for the whole day")
        end += WHOLE_DAY if end < begin else 0
    elif not words:
        raise ValueError(f"is empty; {FORM}")
    return WeekTimes(_days(words) if words else ALL_DAY.days, begin, end)


def _minutes(hours: str, minutes: str) -> int:
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > WHOLE_DAY:
        raise ValueError(f"has a time that no day has; {FORM}")
    return found


def _days(words: str) -> frozenset[int]:
    found: set[int] = set()
    for word in words.split(","):
        first, dash, last = word.partition("-")
        begin, end = _day(first), _day(last if dash else first)
        found |= {day % 7 for day in range(begin, (end if begin <= end else end + 7) + 1)}
    return frozenset(found)


def _day(word: str) -> int:
    name = word.strip().lower()
    for number, short in enumerate(NAMES):
        if name == short:
            return number
    raise ValueError(f"has a day that is none of Mon, Tue, Wed, Thu, Fri, Sat, Sun; {FORM}")
