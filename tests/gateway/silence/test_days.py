"""Days of the calendar, as operators write them."""

from datetime import date

import pytest

from gateway.silence.days import read_days

INSIDE = [
    ("2026-12-25", date(2026, 12, 25), True),
    ("2026-12-25", date(2027, 12, 25), False),
    ("12-25", date(2031, 12, 25), True),
    ("12-25", date(2031, 12, 26), False),
    ("2026-12-24..2027-01-02", date(2026, 12, 31), True),
    ("2026-12-24 .. 2027-01-02", date(2027, 1, 2), True),
    ("2026-12-24..2027-01-02", date(2027, 1, 3), False),
    ("12-24..01-02", date(2030, 12, 24), True),
    ("12-24..01-02", date(2030, 1, 2), True),
    ("12-24..01-02", date(2030, 1, 3), False),
    ("12-24..01-02", date(2030, 12, 23), False),
    ("07-01..08-15", date(2030, 7, 31), True),
    ("02-29", date(2028, 2, 29), True),
]


@pytest.mark.parametrize(("text", "day", "is_inside"), INSIDE)
def test_inside(text: str, day: date, is_inside: bool) -> None:
    """A day is in what was written, or not."""
    assert (day in read_days(text)) is is_inside


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Christmas", "is not a day"),
        ("", "is not a day"),
        ("25.12.2026", "is not a day"),
        ("2026-02-30", "is not a day of the calendar"),
        ("13-01", "is not a day of the calendar"),
        ("0000-01-01", "is not a day of the calendar"),
        ("12-24..", "is not a day"),
        ("12-24..2027-01-02", "a year on one side only"),
        ("2027-01-02..2026-12-24", "ends before it begins"),
    ],
)
def test_mistakes(text: str, reason: str) -> None:
    """A mistake is named, with how to correct it."""
    with pytest.raises(ValueError, match=f"{reason}.*; "):
        read_days(text)
