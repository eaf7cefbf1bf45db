"""Dates and times."""

from zoneinfo import ZoneInfo

import pytest

from adapters.fhir.times import Time, has_offset, is_before, later, offset_at, read_time

TIMES = {
    "2024": Time("2024"),
    "202405": Time("2024-05"),
    "20240501": Time("2024-05-01"),
    "2024050110": Time("2024-05-01", is_cut=True),
    "202405011015": Time("2024-05-01", "10:15:00"),
    "20240501101530.25-0500": Time("2024-05-01", "10:15:30.25", has_seconds=True, zone="-05:00"),
    "20240501101530+1900": None,
    "99991231235959": Time("9999-12-31", is_cut=True),
    "99991231": Time("9999-12-31"),
    "20240230": None,
    "0000": None,
    "Aug 15, 1942": None,
}


@pytest.mark.parametrize(("raw", "time"), TIMES.items())
def test_read_time(raw: str, time: Time | None) -> None:
    """A time is read as whole as it was sent."""
    assert time == read_time(raw)


OFFSETS = {"20240701120000": "+02:00", "20240101120000": "+01:00", "20241027023000": "+02:00"}
"""The last one comes twice; it is taken for the first one."""


@pytest.mark.parametrize(("raw", "offset"), OFFSETS.items())
def test_offset(raw: str, offset: str) -> None:
    """A zone gives the offset of that day."""
    time = read_time(raw)
    assert time is not None
    assert offset == offset_at(time, ZoneInfo("Europe/Berlin"))


LATER = {
    "2024-05-01T10:15:00+02:00": "2024-05-01T10:45:00+02:00",
    "2024-12-31T23:45:00-05:00": "2025-01-01T00:15:00-05:00",
    "2024-05-01": "",
    "": "",
    "9999-12-31T23:59:00+00:00": "",
}


@pytest.mark.parametrize(("moment", "expected"), LATER.items())
def test_later(moment: str, expected: str) -> None:
    """Minutes are added to a time of day, and to nothing else."""
    assert expected == later(moment, 30)


ORDERS = {
    "the same day": ("2024-05-01", "2024-05-01T10:00:00Z", False),
    "another day": ("2024-05-01T10:00:00Z", "2024-05-02", True),
    "another zone": ("2024-05-01T10:00:00+02:00", "2024-05-01T09:00:00+00:00", True),
    "later": ("2024-05-02", "2024-05", False),
}


@pytest.mark.parametrize(("one", "other", "before"), ORDERS.values(), ids=ORDERS)
def test_is_before(one: str, other: str, before: bool) -> None:
    """Times are compared as far as both are whole."""
    assert before == is_before(one, other)


IN_BERLIN = {
    "20240701080000+0200": True,
    "20240701080000+0100": False,
    "20240115080000+0100": True,
    "20241027023000+0200": True,
    "20241027023000+0100": True,
    "20240701080000": False,
    "20240701": False,
}


@pytest.mark.parametrize(("raw", "has"), IN_BERLIN.items())
def test_has_offset(raw: str, has: bool) -> None:
    """Whether a time is one of the zone; an hour that comes twice has two offsets."""
    time = read_time(raw)
    assert time is not None
    assert has == has_offset(time, ZoneInfo("Europe/Berlin"))
