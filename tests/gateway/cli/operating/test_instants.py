"""Times and durations for people."""

import pytest

from gateway.cli.operating.instants import clock, duration, localized, zone
from tests.gateway.cli.operating.statuses import NOW

DAY = 86400
SPANS = {0: "0 s", -5: "0 s", 59.4: "59 s", 60: "1 min", 840: "14 min", 3600: "1 h", 13920: "3 h 52 min", DAY: "1 d"}
LONG_SPANS = {9 * DAY + 4 * 3600 + 59: "9 d 4 h", DAY + 60: "1 d", 400 * DAY: "400 d"}


@pytest.mark.parametrize(("seconds", "text"), (SPANS | LONG_SPANS).items())
def test_duration(seconds: float, text: str) -> None:
    """A duration has its two largest units."""
    assert text == duration(seconds)


CLOCKS = {
    "today": (NOW - 840, "03:07"),
    "yesterday": (NOW - DAY, "Fri 03:21"),
    "a week ago": (NOW - 7 * DAY, "22 Nov 03:21"),
    "tomorrow": (NOW + DAY, "30 Nov 03:21"),
    "last year": (NOW - 365 * DAY, "29 Nov 2024 03:21"),
}


@pytest.mark.parametrize(("at", "text"), CLOCKS.values(), ids=CLOCKS)
def test_clock(at: float, text: str) -> None:
    """A time of another day says on which."""
    assert text == clock(at, NOW)


def test_seconds() -> None:
    """Where seconds count they are shown."""
    assert "03:21:00" == clock(NOW, NOW, seconds=True)


def test_zone() -> None:
    """The zone is that of the time, with or without daylight saving time."""
    assert ("CET", "CEST") == (zone(NOW), zone(NOW - 150 * DAY))


TEXTS = {
    "UTC": ("at 2025-11-29T02:07:00Z.", "at 03:07:00."),
    "another spelling of UTC": ("at 2025-11-29T02:07+00:00", "at 03:07"),
    "fractions": ("2025-11-29T02:07:00.125Z", "03:07:00"),
    "several": ("2025-11-29T02:07Z, 2025-11-28T02:07Z", "03:07, Fri 03:07"),
    "no time": ("2025-11-39T02:07Z", "2025-11-39T02:07Z"),
    "no zone": ("2025-11-29T02:07:00", "2025-11-29T02:07:00"),
    "a UID": ("1.2.840.10008", "1.2.840.10008"),
}


@pytest.mark.parametrize(("text", "shown"), TEXTS.values(), ids=TEXTS)
def test_in_text(text: str, shown: str) -> None:
    """A time in UTC within a sentence becomes local time: no sentence has times of two zones."""
    assert shown == localized(text, NOW)
