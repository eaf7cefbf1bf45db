"""Local time and expected silence, also where clocks change."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.silence.calendar import Calendar
from gateway.silence.settings import QuietTime, SilenceSettings

BERLIN = "Europe/Berlin"


def at(text: str, fold: int = 0) -> float:
    """Return a local time in Berlin in seconds since the epoch."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN), fold=fold).timestamp()


def calendar(*quiet: QuietTime) -> Calendar:
    """Return a calendar in Berlin."""
    return Calendar(SilenceSettings(time_zone=BERLIN, quiet=quiet))


def is_quiet(which: Calendar, text: str, fold: int = 0) -> bool:
    """Whether a peer is expected to be silent at a local time."""
    return which.quiet_peers(at(text, fold), {"CT1"}) == {"CT1"}


def test_hour_of_week() -> None:
    """The hours count from Monday, in local time, in summer and in winter."""
    winter, summer = at("2026-11-23T00:30"), at("2026-07-06T00:30")
    assert calendar().hour_of_week(winter) == calendar().hour_of_week(summer) == 0
    assert calendar().hour_of_week(at("2026-11-29T23:59")) == 167


def test_clocks_change() -> None:
    """In spring there is no hour between 1 and 3; in autumn the hour from 2 to 3 is there twice, and learnt twice."""
    spring = at("2026-03-29T01:59")
    assert [calendar().hour_of_week(spring + minutes * 60) % 24 for minutes in (0, 1)] == [1, 3]
    autumn = at("2026-10-25T02:30")
    assert [calendar().hour_of_week(autumn + hours * 3600) % 24 for hours in (-1, 0, 1, 2)] == [1, 2, 2, 3]


def test_maintenance_when_clocks_change() -> None:
    """Maintenance from 2 to 4 is an hour in spring and three hours in autumn."""
    which = calendar(QuietTime(hours=("02:00-04:00",)))
    begin = at("2026-03-29T01:30")
    assert [bool(which.quiet_peers(begin + hours * 3600, {"CT1"})) for hours in range(3)] == [False, True, False]
    assert is_quiet(which, "2026-10-25T02:30")
    assert is_quiet(which, "2026-10-25T02:30", fold=1)
    assert is_quiet(which, "2026-10-25T03:59")
    assert not is_quiet(which, "2026-10-25T04:00")


def test_holidays() -> None:
    """A holiday is from midnight to midnight, local time."""
    which = calendar(QuietTime(dates=("12-25..12-26", "2026-05-01")))
    assert is_quiet(which, "2026-12-25T00:00")
    assert is_quiet(which, "2027-12-26T23:59")
    assert not is_quiet(which, "2026-12-24T23:59")
    assert not is_quiet(which, "2026-12-27T00:00")
    assert is_quiet(which, "2026-05-01T12:00")


def test_hours_of_some_days() -> None:
    """With dates, hours count on these dates; a night that begins on one of them lasts until its morning."""
    which = calendar(QuietTime(dates=("2026-12-24",), hours=("14:00-06:00",)))
    assert not is_quiet(which, "2026-12-24T05:00")
    assert is_quiet(which, "2026-12-24T14:00")
    assert is_quiet(which, "2026-12-25T05:59")
    assert not is_quiet(which, "2026-12-25T14:00")


def test_some_peers() -> None:
    """A time may be about some peers only, and several times may be about one."""
    which = calendar(QuietTime(hours=("Sat-Sun",), peers=("MR1", "MR2")), QuietTime(dates=("12-25",)))
    saturday, christmas = at("2026-11-28T12:00"), at("2026-12-25T12:00")
    assert which.quiet_peers(saturday, ["MR1", "CT1"]) == {"MR1"}
    assert which.quiet_peers(christmas, ["MR1", "CT1"]) == {"MR1", "CT1"}


def test_the_machine_s_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `time_zone` the clock of the machine says which hour it is."""
    import time  # noqa: PLC0415  the zone is set for this test

    monkeypatch.setenv("TZ", "Asia/Kolkata")  # 5:30 before UTC
    time.tzset()
    try:
        assert Calendar(SilenceSettings()).hour_of_week(4 * 86400) == 5
    finally:
        monkeypatch.undo()
        time.tzset()
