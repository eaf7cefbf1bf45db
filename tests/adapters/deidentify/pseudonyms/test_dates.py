"""Dates are moved by whole days, in their own spelling."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.pseudonyms.dates import clock_of, moved


@pytest.mark.parametrize(
    ("text", "days", "expected"),
    [
        ("20240301", -7, "20240223"),
        ("20240301 ", -7, "20240223 "),
        ("2024.03.01", -7, "2024.02.23"),
        ("202403", -7, "202403"),
        ("202403", -21, "202402"),
        ("2024", -7, "2024"),
        ("2024", -364, "2023"),
        ("20240301101530.123456+0100", -7, "20240223101530.123456+0100"),
        ("202403011015-0500", -7, "202402231015-0500"),
        ("2024030110", -7, "2024022310"),
        ("2024-03-01", -7, "2024-02-23"),
        ("2024-03", -21, "2024-02"),
        ("2024-03-01T10:15:30.5+01:00", -7, "2024-02-23T10:15:30.5+01:00"),
        ("2024-03-01T10:15:30Z", -14, "2024-02-16T10:15:30Z"),
        ("20240229", -366, "20230228"),
    ],
)
def test_moved(text: str, days: int, expected: str) -> None:
    """Each spelling keeps its parts, its clock and its zone."""
    assert moved(text, days) == expected


@pytest.mark.parametrize(
    "text",
    ["", "2024-13-01", "20241301", "20240230", "202413", "2024-3-1", "MAYER", "20240301x", "2024030", "202403011",
     "2024-03T10:00", "00000101", "20240301101530123", "2024 03 01", "\u0662\u0660\u0662\u0664", "20240301\n^MAYER",
     "2024-03-01TMAYER", "2024-03-01T10:15 MAYER", "2024-03-01T71:10:07", "2024-03-01T10:15:30+47:11", "2024-03-01T",
     "20240301741007", "20240301107110", "20240301101530+4711", "20240301101530.1234567"],
)  # fmt: skip
def test_no_date(text: str) -> None:
    """What is no date is not moved: its caller removes it."""
    assert moved(text, -7) is None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("20240301101530.123456+0100", "101530.123456"),
        ("20240301101530-0500", "101530"),
        ("202403011015+0100", ""),
        ("20240301", ""),
    ],
)
def test_clock_of(text: str, clock: str) -> None:
    """What stays of a date and has room for an identifier is its clock."""
    assert clock_of(text) == clock


@given(st.dates(date(1000, 1, 1), date(9990, 1, 1)), st.integers(1, 60))
def test_interval(day: date, weeks: int) -> None:
    """The weekday stays, and so does every interval between two dates of a patient."""
    text = moved(day.strftime("%Y%m%d").rjust(8, "0"), -7 * weeks)
    assert text == (day - timedelta(weeks=weeks)).isoformat().replace("-", "")
    assert moved(day.isoformat(), -7 * weeks) == (day - timedelta(weeks=weeks)).isoformat()
