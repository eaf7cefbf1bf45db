"""Times and durations for people: local time with its zone, and no more digits than they need."""

import re
from datetime import datetime, timedelta

IN_TEXT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?P<seconds>:\d\d(?:\.\d+)?)?(?:Z|\+00:00)")
"""A time in a sentence of the API: it is in UTC there, and every reader shows it in its own time."""
UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def local(at: float) -> datetime:
    """Return a time, in seconds since the epoch, in the time zone of this process."""
    return datetime.fromtimestamp(at).astimezone()


def clock(at: float, now: float, *, seconds: bool = False) -> str:
    """Return a time of day; with the day of the week or the date if it is not today."""
    moment, today = local(at), local(now).date()
    time = f"{moment:%H:%M:%S}" if seconds else f"{moment:%H:%M}"
    if moment.date() == today:
        return time
    if timedelta() < today - moment.date() < timedelta(days=6):
        return f"{moment:%a} {time}"
    return f"{moment:%d %b} {time}" if moment.year == today.year else f"{moment:%d %b %Y} {time}"


def zone(at: float) -> str:
    """Return the name of the local time zone at a time, such as ``CET``."""
    return local(at).tzname() or "local time"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: ``14 min``, ``3 h 52 min``, ``9 d 4 h``."""
    rest = max(0, round(seconds))
    if rest < 60:
        return f"{rest} s"
    parts: list[str] = []
    for size, unit in UNITS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(each for each in parts[:2] if not each.startswith("0 "))


def localized(text: str, now: float) -> str:
    """Return *text* with each time in it, which is in UTC, replaced by local time."""

    def show(found: re.Match[str]) -> str:
        try:
            return clock(datetime.fromisoformat(found[0]).timestamp(), now, seconds=found["seconds"] is not None)
        except ValueError:  # such as the 32nd of a month
            return found[0]

    return IN_TEXT.sub(show, text)
