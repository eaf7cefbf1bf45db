"""Dates are moved in their own precision, and of a birth the year stays."""

from datetime import date

import pytest

from tests.adapters.deidentify.hl7v2.support import (
    DAYS,
    HEADER,
    PID,
    changed,
    field,
    message,
    through,
)


def day(text: str) -> int:
    """Return the number of a day."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])).toordinal()


@pytest.mark.parametrize(
    "value",
    ["20240110", "202401101011", "20240110101112.1234+0100", "2024-01-10", "202401", "2024"],
)
def test_dates(value: str) -> None:
    """A date is moved in its own precision, its clock and zone stay."""
    found = through("OBR", 7, value)
    assert len(found) == len(value)
    assert found != value or len(value) == 4
    if len(value) >= 8:
        assert found.replace("-", "")[8:] == value.replace("-", "")[8:]
        assert day(found.replace("-", "")[:8]) == day(value.replace("-", "")[:8]) + DAYS
    assert through("OBR", 7, value, profile="safe_harbor") == "2024"


@pytest.mark.parametrize("value", ["yesterday", "20241310", "00000000", "2024011", "20240110^Smith", "2024 Smith",
                                   "2024-01-10TSmith", "20240110101010.481516"])  # fmt: skip
def test_no_date(value: str) -> None:
    """What is no date, or stands beside one, goes."""
    found = field(changed(message(f"OBR|1||||||{value}", pid=PID.replace("ALT55512", "481516"))), "OBR", 7)
    assert "Smith" not in found
    assert found == "" or (len(found) == 8 and found.isdigit())


@pytest.mark.parametrize("weeks", [("20240110", "20240117"), ("20231231", "20240301"), ("20240228", "20240301")])
def test_intervals(weeks: tuple[str, str]) -> None:
    """The days between two dates stay, and so does the weekday."""
    first, second = weeks
    segments = changed(message(f"OBR|1||||||{first}|{second}"))
    before, after = day(field(segments, "OBR", 7)), day(field(segments, "OBR", 8))
    assert after - before == day(second) - day(first)
    assert (before - day(first)) % 7 == 0
    assert before < day(first)


@pytest.mark.parametrize(
    ("header", "born", "kept"),
    [
        ("20240301", "19540307", "1954"),
        ("20240301", "19350101", "1935"),
        ("20240301", "19340101", ""),  # 90 years, or nearly
        ("", "19540307", ""),  # nobody knows how old
        ("20240301", "1954", "1954"),
        ("20240301", "4815162", ""),  # no year
        ("20240301", "unknown", ""),
        ("20240301", "", ""),
    ],
)
@pytest.mark.parametrize("profile", ["limited", "safe_harbor"])
def test_birth(header: str, born: str, kept: str, profile: str) -> None:
    """The year of birth stays, unless it shows an age above 89."""
    pid = f"PID|1||4815162^^^HOSP||Smith^John||{born}"
    msh = HEADER.replace("20240301120000", header)
    assert field(changed(message(header=msh, pid=pid), profile=profile), "PID", 7) == kept
