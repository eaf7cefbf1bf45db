"""Time that neither runs backwards nor jumps."""

import time

import pytest

from gateway.spool.clock import SteadyClock, elapsed_of, resume

STEPS = {
    "forward": ([10, 20, 30], [10, 20, 30]),
    "stepped back": ([10, 5, 7], [10, 10, 12]),
    "stepped back twice": ([10, 5, 6, 1, 2], [10, 10, 11, 11, 12]),
}


@pytest.mark.parametrize(("readings", "expected"), STEPS.values(), ids=STEPS)
def test_steps(readings: list[float], expected: list[float]) -> None:
    """A step back of what it counts with is made up for, and time goes on from where it was."""
    clock = SteadyClock(10, iter(readings).__next__)
    assert expected == [clock.last, *(clock.now() for _ in readings[1:])]


def test_the_machines_clock_is_stepped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wall clock that is set a year ahead makes no pause shorter and no message older."""
    clock = SteadyClock(1000.0, elapsed_of(time.time))
    monkeypatch.setattr(time, "time", lambda: 1e12)
    assert 1000.0 <= clock.now() < 1100.0


RESUMED = {
    "an hour later": (5000.0, 100.0, 3700.0, 8600.0),
    "stepped back while down": (5000.0, 3700.0, 100.0, 5000.0),
    "stepped forward while it ran": (5000.0, 1e9, 1e9 + 60, 5060.0),
    "written by an older Hilum": (5000.0, None, 6000.0, 6000.0),
    "written by an older Hilum, then stepped back": (5000.0, None, 100.0, 5000.0),
}


@pytest.mark.parametrize(("last", "then", "now", "expected"), RESUMED.values(), ids=RESUMED)
def test_resume(last: float, then: float | None, now: float, expected: float) -> None:
    """Between two processes the wall clock tells what has passed, and never less than nothing."""
    assert expected == resume(last, then, now)
