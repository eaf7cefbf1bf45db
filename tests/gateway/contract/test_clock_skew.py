"""The difference between two clocks, by the Date of replies."""

import pytest

from gateway.contract.clock_skew import EVERY, ClockSkew

DATE = "Sun, 29 Nov 2026 12:00:00 GMT"
THEN = 1795953600.0


def test_our_clock_is_ahead() -> None:
    """The difference is positive where our clock is ahead; within a second there is none."""
    skew = ClockSkew()
    assert skew.seconds() is None
    skew.take(DATE, THEN + 240.5, 0.0)
    assert skew.seconds() == pytest.approx(240)
    assert EVERY == skew.due_at


def test_one_slow_reply_does_not_count() -> None:
    """A reply that was long on its way is one of several."""
    skew = ClockSkew()
    for late in (0.5, 0.6, 30.0, 0.4, 0.5):
        skew.take(DATE, THEN + late, 0.0)
    assert skew.seconds() == pytest.approx(0)


@pytest.mark.parametrize("date", [None, "", "now", "Sun, 99 Nov 2026 12:00:00 GMT", "Sun, 29 Nov 99999 12:00:00 GMT"])
def test_what_is_no_date(date: str | None) -> None:
    """It is passed over, and the next one is waited for all the same."""
    skew = ClockSkew()
    skew.take(date, THEN, 5.0)
    assert skew.seconds() is None
    assert 5.0 + EVERY == skew.due_at


def test_a_date_without_zone() -> None:
    """It is in GMT: an HTTP-date always is."""
    skew = ClockSkew()
    skew.take("Sun, 29 Nov 2026 12:00:00 -0000", THEN, 0.0)
    assert skew.seconds() == pytest.approx(-0.5)
