"""Older and newer, of whole and of partial times."""

import pytest

from adapters.rest.fhir.times import is_older, later, place

OLDER = [
    ("2024-05-01", "2024-05-02"),
    ("2024-04", "2024-05"),
    ("2023", "2024"),
    ("2024-12", "2025-01"),
    ("2024", "2025-01-01"),
    ("2024-05-01T10:00:00Z", "2024-05-01T10:00:01Z"),
    ("2024-05-01T12:00:00+02:00", "2024-05-01T11:00:00Z"),
    ("2024-05-01T10:00:00.123456Z", "2024-05-01T10:00:00.123457Z"),
    ("2024-05-01T10:00:00.1Z", "2024-05-01T10:00:00.11Z"),
    ("2024-04-30T23:00:00-05:00", "2024-05-01"),
    ("2024-05-01", "2024-05-02T00:30:00+02:00"),
]
NEITHER = [
    ("2024-05-01", "2024-05-01"),
    ("2024-05-01", "2024-05"),
    ("2024-05-01", "2024-05-01T10:00:00Z"),
    ("2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00Z"),
    ("", "2024-05-01"),
    ("2024-02-30", "2024-05-01"),
    ("0000", "2024-05-01"),
    ("9999", "2024-05-01"),
    ("2024-05-01T25:00:00Z", "2024-06"),
    ("0001-01-01T00:00:00+14:00", "2024-06"),
    ("yesterday", "2024"),
]


@pytest.mark.parametrize(("one", "other"), OLDER)
def test_older(one: str, other: str) -> None:
    """One time is before the other, and the other is later."""
    assert (True, False) == (is_older(one, other), is_older(other, one))
    assert other == later(one, other) == later(other, one)


@pytest.mark.parametrize(("one", "other"), NEITHER)
def test_neither(one: str, other: str) -> None:
    """Of times that overlap, and of what is no time, neither is older."""
    assert not is_older(one, other)
    assert not is_older(other, one)


LATER = [
    ("2024-05-01", "2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
    ("2024-05-01", "2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"),
    ("2024-05", "2024-05-01", "2024-05-01"),
    ("2024-05-02", "2024-05", "2024-05-02"),
    ("", "2024", "2024"),
    ("2024", "x", "2024"),
]


@pytest.mark.parametrize(("one", "other", "expected"), LATER)
def test_later(one: str, other: str, expected: str) -> None:
    """The more exact of two times that overlap is kept."""
    assert expected == later(one, other)
    assert expected == later(other, one)


def test_place() -> None:
    """Times are sorted by their beginning; what is no time comes first."""
    times = ["x", "2024", "2024-05-01T12:00:00+02:00", "2024-05-01T10:00:01Z", "2024-05-02"]
    assert times == sorted(times[3:] + times[:3], key=place)
