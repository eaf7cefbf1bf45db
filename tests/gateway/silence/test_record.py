"""The octets of an estimate: nothing is lost, and what is no estimate is not taken for one."""

from random import Random
from struct import pack_into

import pytest

from gateway.silence.estimator import Estimate
from gateway.silence.record import HEAD, SIZE, from_octets, to_octets
from tests.gateway.silence.simulator import HOUR, START, WEEK, hour_of_week


def some(weeks: float = 4, seed: int = 1) -> Estimate:
    """Return what is known of a peer that is silent since an hour."""
    estimate, chance = Estimate(START, START), Random(seed)
    while estimate.at < START + weeks * WEEK:
        estimate.advance(estimate.at + chance.expovariate(1) * HOUR, hour_of_week)
        estimate.heard(estimate.at, chance.randint(1, 5), hour_of_week)
    estimate.advance(estimate.at + HOUR, hour_of_week)
    estimate.is_told = True
    return estimate


@pytest.mark.parametrize("weeks", [0, 0.5, 4, 12])
def test_nothing_is_lost(weeks: float) -> None:
    """An estimate that was written and read is judged as before, and goes on to learn as before."""
    before = some(weeks)
    after = from_octets(to_octets(before))
    assert after is not None
    assert (after.at, after.last, after.count, after.is_told) == (before.at, before.last, before.count, True)
    assert after.rates.weeks == before.rates.weeks
    assert after.rates.hours == before.rates.hours
    assert after.rates.means == pytest.approx(before.rates.means)
    assert [len(week) for week in after.surprises.weeks] == [len(week) for week in before.surprises.weeks]
    for each in (before, after):
        each.advance(each.at + HOUR, hour_of_week)
    assert after.surprise(hour_of_week) == pytest.approx(before.surprise(hour_of_week), rel=1e-5)
    assert after.surprises.mark == pytest.approx(before.surprises.mark, rel=1e-5)
    assert after.judged(hour_of_week) == before.judged(hour_of_week)


def test_size() -> None:
    """A peer takes about 1 KiB, and always the same."""
    assert len(to_octets(some(0))) == len(to_octets(some(12))) == SIZE
    assert SIZE <= 1100


def test_many_messages_in_an_hour() -> None:
    """A count that does not fit is written as the largest one."""
    estimate = some(0)
    estimate.count = 2**40
    after = from_octets(to_octets(estimate))
    assert after is not None
    assert after.count == 2**32 - 1


def damaged(name: str) -> bytes:
    """Return octets that are no estimate."""
    octets = bytearray(to_octets(some()))
    match name:
        case "empty":
            return b""
        case "short":
            return bytes(octets[:-1])
        case "version":
            octets[0] += 1
        case "time":
            pack_into("<d", octets, 1, float("nan"))
        case "rate":
            pack_into("<f", octets, HEAD.size, float("inf"))
        case "negative rate":
            pack_into("<f", octets, HEAD.size, -3.0)
        case "weeks":
            octets[HEAD.size - 1] = 9
    return bytes(octets)


@pytest.mark.parametrize("name", ["empty", "short", "version", "time", "rate", "negative rate", "weeks"])
def test_damage(name: str) -> None:
    """Octets that this version has not written are not read."""
    assert from_octets(damaged(name)) is None
