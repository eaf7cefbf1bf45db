"""The gap of one peer: what is part of it, how improbable it is, and what is learnt from it."""

import pytest

from gateway.silence.estimator import Estimate
from gateway.silence.rates import Rates
from gateway.silence.thresholds import Surprises
from tests.gateway.silence.simulator import DAY, HOUR, MINUTE, START, WEEK, hour_of_week

WEEKS = 4


def steady(weeks: float = WEEKS, every: float = 5 * MINUTE) -> Estimate:
    """Return what is known of a peer that sent a message every few minutes for some weeks."""
    estimate = Estimate(START, START)
    at = START
    while at < START + weeks * WEEK:
        at += every
        estimate.advance(at, hour_of_week)
        estimate.heard(at, 1, hour_of_week)
    return estimate


def silent_for(estimate: Estimate, seconds: float, *, is_expected: bool = False) -> str:
    """Return how the peer is judged after so many seconds of silence."""
    estimate.advance(estimate.at + seconds, hour_of_week, is_expected=is_expected)
    return estimate.judged(hour_of_week)


def test_it_is_learnt_for_three_weeks() -> None:
    """A new peer is not judged, however long it is silent; after three weeks it is."""
    estimate = steady(2.9)
    assert silent_for(estimate, 5 * HOUR) == "learning"
    assert estimate.surprise(hour_of_week) > 20
    assert silent_for(steady(3.1), 5 * HOUR) == "silent"


def test_a_mark_comes_before_the_alert() -> None:
    """A silence is first usual, then marked, then silent."""
    estimate = steady()
    estimate.surprises = Surprises([[6.0, 5.0, 4.5, 4.0]] * 8)
    states = [silent_for(estimate, MINUTE) for _ in range(180)]
    assert list(dict.fromkeys(states)) == ["usual", "marked", "silent"]
    assert 10 <= states.index("marked") <= 60


def test_never_before_ten_minutes() -> None:
    """A peer that sends every second is not marked for nine minutes, and then at once."""
    estimate = steady()
    estimate.rates = Rates([3600.0] * 168, [4] * 168, 1.0, 0.0)
    assert silent_for(estimate, 9 * MINUTE) == "usual"
    assert estimate.surprise(hour_of_week) > estimate.surprises.alert
    assert silent_for(estimate, 2 * MINUTE) == "silent"


def test_two_messages_a_day() -> None:
    """A peer with two messages a day is never marked within three days: that needs `silence_after`."""
    estimate = steady(8, every=12 * HOUR)
    for _ in range(72):
        assert silent_for(estimate, HOUR) == "usual"


def test_a_message_ends_the_gap() -> None:
    """After a message the peer is as usual, and the surprise of the gap is known."""
    estimate = steady()
    assert silent_for(estimate, 5 * HOUR) == "silent"
    estimate.heard(estimate.at, 1, hour_of_week)
    assert (estimate.judged(hour_of_week), estimate.surprise(hour_of_week)) == ("usual", 0.0)
    assert estimate.surprises.weeks[-1][0] > 8


def test_what_nobody_watched_is_no_gap() -> None:
    """Time in which the gateway was down adds nothing to the gap, and its hours are not learnt."""
    estimate = steady()
    silent_for(estimate, 4 * MINUTE)
    surprise, hours, rate = estimate.surprise(hour_of_week), estimate.rates.hours, estimate.rates.of(12)
    estimate.skip(estimate.at + 30 * HOUR, hour_of_week)
    assert estimate.judged(hour_of_week) == "usual"
    assert estimate.surprise(hour_of_week) == pytest.approx(surprise)
    assert (estimate.rates.hours, estimate.rates.of(12)) == (hours, rate)


def test_a_restart_within_the_hour_loses_nothing() -> None:
    """An hour with a short restart counts as a whole one, with the messages from before and after."""
    estimate = steady()
    hours = estimate.rates.hours
    estimate.advance(estimate.at + 20 * MINUTE, hour_of_week)
    estimate.heard(estimate.at, 7, hour_of_week)
    estimate.skip(estimate.at + MINUTE, hour_of_week)
    estimate.heard(estimate.at, 7, hour_of_week)
    assert estimate.count == 14 + 1  # one came in the second in which the hour began
    estimate.advance(estimate.at + 39 * MINUTE, hour_of_week)
    assert estimate.rates.hours == hours + 1


def test_a_part_of_an_hour_is_not_learnt() -> None:
    """An hour of which less was watched says nothing of the rate."""
    estimate = steady()
    hours = estimate.rates.hours
    estimate.skip(estimate.at + 10 * MINUTE, hour_of_week)
    estimate.advance(estimate.at + 50 * MINUTE, hour_of_week)
    assert (estimate.rates.hours, estimate.count, estimate.watched) == (hours, 0, 0.0)


def test_expected_silence() -> None:
    """A holiday is no gap, and it is not learnt that nothing came."""
    estimate = steady()
    hours, rate = estimate.rates.hours, estimate.rates.of(12)
    assert silent_for(estimate, DAY, is_expected=True) == "usual"
    assert (estimate.surprise(hour_of_week), estimate.quiet) == (0.0, 0.0)
    assert (estimate.rates.hours, estimate.rates.of(12)) == (hours, rate)


def test_the_clock_is_set_back() -> None:
    """A clock that jumps back leaves the gap as it is; the hour is not learnt twice in part."""
    estimate = steady()
    silent_for(estimate, 5 * HOUR + 20 * MINUTE)
    surprise, quiet = estimate.surprise(hour_of_week), estimate.quiet
    estimate.skip(estimate.at - 3 * HOUR, hour_of_week)
    assert estimate.surprise(hour_of_week) == pytest.approx(surprise)
    assert (estimate.quiet, estimate.watched, estimate.count) == (quiet, 0.0, 0)
    estimate.advance(estimate.at - HOUR, hour_of_week)
    assert estimate.quiet == quiet


def test_a_message_that_is_told_late() -> None:
    """A message from before the time that is known ends the gap, and does not move the last one back."""
    estimate = steady()
    last = estimate.at
    silent_for(estimate, HOUR)
    estimate.heard(last - DAY, 3, hour_of_week)
    assert (estimate.last, estimate.quiet) == (last, 0.0)


def test_how_the_calls_cut_the_time_does_not_matter() -> None:
    """A gap has the same surprise, and the same hours are learnt, whether it was watched by minutes or at once."""
    whole, parts = steady(), steady()
    whole.advance(whole.at + DAY, hour_of_week)
    for _ in range(24 * 60):
        parts.advance(parts.at + MINUTE, hour_of_week)
    assert parts.surprise(hour_of_week) == pytest.approx(whole.surprise(hour_of_week))
    assert (parts.rates.hours, parts.rates.weeks) == (whole.rates.hours, whole.rates.weeks)


def test_weeks_turn() -> None:
    """The surprises of a week are apart from those of the next, also when nobody watched in between."""
    estimate = Estimate(START, START)
    estimate.advance(START + WEEK, hour_of_week)
    assert len(estimate.surprises.weeks) == 1
    estimate.skip(START + 4 * WEEK, hour_of_week)
    assert len(estimate.surprises.weeks) == 2
