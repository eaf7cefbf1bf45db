"""Times of the week, as operators write them."""

from datetime import datetime

import pytest

from gateway.silence.week_times import read_week_times

MONDAY = 23  # November 2026
INSIDE = [
    ("Sat", MONDAY + 5, "00:00", 0),
    ("Sat", MONDAY + 5, "23:59", 0),
    ("Sat", MONDAY + 4, "23:59", None),
    ("Sat-Sun", MONDAY + 6, "12:00", 0),
    ("sat - mon", MONDAY, "12:00", 0),
    ("Sat-Mon", MONDAY + 1, "12:00", None),
    ("Mon,Wed", MONDAY + 2, "12:00", 0),
    ("Mon, Wed 12:00-13:00", MONDAY + 2, "12:59", 0),
    ("Mon, Wed 12:00-13:00", MONDAY + 2, "13:00", None),
    ("02:00-04:00", MONDAY + 3, "02:00", 0),
    ("2:00 - 4:00", MONDAY + 3, "01:59", None),
    ("Mon-Fri 19:00-06:30", MONDAY + 4, "19:00", 0),
    ("Mon-Fri 19:00-06:30", MONDAY + 5, "06:29", 1),
    ("Mon-Fri 19:00-06:30", MONDAY + 5, "06:30", None),
    ("Mon-Fri 19:00-06:30", MONDAY + 7, "06:00", None),
    ("00:00-24:00", MONDAY, "23:59", 0),
    ("Fri 18:00-24:00", MONDAY + 4, "23:59", 0),
    ("Fri 18:00-24:00", MONDAY + 5, "00:00", None),
]


@pytest.mark.parametrize(("text", "day", "time", "days_ago"), INSIDE)
def test_inside(text: str, day: int, time: str, days_ago: int | None) -> None:
    """A time is in what was written, and it is known on which day that began."""
    hours, minutes = map(int, time.split(":"))
    now = datetime(2026, 11, min(day, 30), hours, minutes)  # noqa: DTZ001  a local time
    begun = read_week_times(text).begun_on(now)
    assert (None if begun is None else now.day - begun.day) == days_ago


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("always", "a day that is none of Mon"),
        ("Mon 12:00", "a day that is none of Mon"),
        ("Mon-", "a day that is none of Mon"),
        ("12:00-13:00 Mon", "a day that is none of Mon"),
        ("25:00-26:00", "a time that no day has"),
        ("12:60-13:00", "a time that no day has"),
        ("12:00-24:01", "a time that no day has"),
        ("12:00-12:00", "lasts no time"),
        ("24:00-06:00", "lasts no time"),
    ],
)
def test_mistakes(text: str, reason: str) -> None:
    """A mistake is named, with how to correct it."""
    with pytest.raises(ValueError, match=f"{reason}.*; "):
        read_week_times(text)
