"""The two thresholds, from the largest surprises of a peer."""

from math import log
from random import Random

import pytest

from gateway.silence.thresholds import KEPT, LEAST, WEEKS, Surprises


def weeks_of(values: list[list[float]]) -> Surprises:
    """Return what is known after weeks with these surprises."""
    surprises = Surprises()
    for week in values:
        surprises.begin_week()
        for value in week:
            surprises.add(value)
    return surprises


def exponential(scale: float, gaps: int = 300, weeks: int = WEEKS, seed: int = 1) -> Surprises:
    """Return the surprises of a peer whose model is wrong by *scale*."""
    random = Random(seed)
    return weeks_of([[random.expovariate(1 / scale) for _ in range(gaps)] for _ in range(weeks)])


def test_never_below_seven() -> None:
    """However regular a peer is, one in 1,100 is the least that is unusual."""
    surprises = weeks_of([[0.1, 0.2, 0.3, 0.4]] * WEEKS)
    assert (surprises.mark, surprises.alert) == (LEAST, LEAST)


def test_before_anything_is_known() -> None:
    """A peer without surprises has thresholds that suit a perfect model."""
    surprises = Surprises()
    surprises.add(5.0)
    assert (surprises.mark, surprises.alert) == (LEAST + log(13), LEAST + log(52))
    assert surprises.weeks == []


@pytest.mark.parametrize("scale", [1.0, 2.0, 4.0])
def test_aimed_at_one_in_so_many_weeks(scale: float) -> None:
    """The thresholds are near those of the distribution from which the surprises come."""
    found = [exponential(scale, seed=seed) for seed in range(20)]
    for weeks, thresholds in ((13, [each.mark for each in found]), (52, [each.alert for each in found])):
        right = scale * log(300 * weeks)
        assert sum(thresholds) / len(thresholds) == pytest.approx(right, rel=0.15)


def test_the_largest_is_left_out() -> None:
    """One outage, however long, changes next to nothing."""
    values = [[4.0, 5.0, 6.0, 7.0 + week / 10] for week in range(WEEKS)]
    with_outage = [*values[:-1], [*values[-1][:-1], 300.0]]
    assert weeks_of(with_outage).mark == pytest.approx(weeks_of(values).mark, rel=0.05)


def test_several_outages_are_bounded() -> None:
    """What is far above the threshold counts as twice the threshold, so that outages do not make Hilum deaf."""
    surprises = exponential(1.0)
    before = surprises.alert
    for _ in range(3):
        surprises.add(1000.0)
    assert surprises.alert < 3 * before


def test_weeks_pass() -> None:
    """After eight weeks nothing is left of a week."""
    surprises = weeks_of([[50.0, 49.0, 48.0, 47.0], *[[1.0, 2.0, 3.0, 4.0]] * WEEKS])
    assert surprises.mark == LEAST
    assert len(surprises.weeks) == WEEKS


def test_few_are_kept() -> None:
    """Of each week the largest are kept, in order."""
    assert weeks_of([[1.0, 9.0, 3.0, 7.0, 5.0, 2.0]]).weeks == [[9.0, 7.0, 5.0, 3.0]]
    assert KEPT == 4


def test_the_alert_is_rarer_than_the_mark() -> None:
    """An alert needs at least the surprise of a mark."""
    for seed in range(20):
        surprises = exponential(1.5, gaps=5, weeks=seed % WEEKS + 1, seed=seed)
        assert LEAST <= surprises.mark <= surprises.alert
