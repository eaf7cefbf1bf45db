"""What is usual in each hour of the week, from the hours that were seen."""

import pytest

from gateway.silence.rates import FIRST_K, HOURS, LEARNING_HOURS, LEAST_K, MOST_K, Rates

WORKING_NOON, SATURDAY_NOON, SUNDAY_NOON = 12, 5 * 24 + 12, 6 * 24 + 12


def learnt(weeks: int, count: int = 10) -> Rates:
    """Return the rates of a peer that sent *count* messages in each hour."""
    rates = Rates()
    for _ in range(weeks):
        for hour in range(HOURS):
            rates.add(hour, count)
    return rates


def test_a_constant_rate() -> None:
    """The rate of a peer that always sends the same is that."""
    rates = learnt(3)
    assert [rates.of(hour) for hour in range(HOURS)] == pytest.approx([10.0] * HOURS)


def test_nothing_is_known() -> None:
    """Before anything is learnt, nothing is usual, and nothing is judged."""
    rates = Rates()
    assert (rates.of(0), rates.k, rates.hours, rates.is_learnt) == (0.0, FIRST_K, 0, False)


def test_three_weeks_of_hours_are_enough() -> None:
    """A peer is judged after three weeks of hours, whenever they were."""
    rates = learnt(3)
    assert (rates.hours, rates.is_learnt) == (LEARNING_HOURS, True)
    assert not learnt(2).is_learnt


def test_the_latest_weeks_count_most() -> None:
    """A peer that sends twice as much from now on has nearly twice the rate after some months."""
    rates = learnt(10)
    for _ in range(20):
        for hour in range(HOURS):
            rates.add(hour, 20)
    assert 18 < rates.of(WORKING_NOON) < 20


def test_an_hour_is_drawn_to_the_same_hour_of_its_kind_of_day() -> None:
    """A first Monday at noon says something of all working days at noon, and nothing of the weekend."""
    rates = Rates()
    rates.add(WORKING_NOON, 40)
    assert rates.of(24 + WORKING_NOON) > 5
    assert rates.of(SATURDAY_NOON) == rates.of(SUNDAY_NOON) == 0
    rates.add(SATURDAY_NOON, 8)
    assert 0 < rates.of(SUNDAY_NOON) < 8


def test_neighbours_share() -> None:
    """The hours beside a busy one have a quarter of it each, over midnight of Sunday, too."""
    rates = learnt(3, 0)
    for _ in range(3):
        rates.add(0, 100)
        for day in range(1, 5):
            rates.add(day * 24, 100)
    assert rates.of(HOURS - 1) == pytest.approx(rates.of(1))
    assert rates.of(0) == pytest.approx(2 * rates.of(1))


def test_bursts_have_a_small_k() -> None:
    """A peer that sends all in few hours has a small k, one that sends evenly the largest."""
    even, uneven = learnt(5), Rates()
    for week in range(5):
        for hour in range(HOURS):
            uneven.add(hour, 100 if (hour + week) % 10 == 0 else 0)
    assert even.k == MOST_K
    assert LEAST_K <= uneven.k < 0.5


def test_an_outage_counts_as_one_week() -> None:
    """A week's outage in an hour takes less than a week's part of its rate, because other days count, too."""
    rates = learnt(6)
    rates.add(WORKING_NOON, 0)
    assert 8 < rates.of(WORKING_NOON) < 10


def test_weeks_are_bounded() -> None:
    """The number of weeks fits into one octet, after five years and later."""
    rates = Rates()
    for _ in range(300):
        rates.add(0, 3)
    assert (rates.weeks[0], rates.hours) == (255, 300)
    assert rates.means[0] == pytest.approx(3)
