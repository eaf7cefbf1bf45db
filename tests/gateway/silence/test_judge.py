"""By what a peer is judged: the calendar, the configuration, what was learnt."""

from collections.abc import Mapping

import pytest

from gateway.silence.calendar import Calendar
from gateway.silence.estimator import Estimate
from gateway.silence.judge import NO_LISTENER, Judge, Key
from gateway.silence.settings import QuietTime, SilenceSettings
from tests.gateway.silence.simulator import HOUR, MINUTE, START, WEEK, hour_of_week

HIS: Key = "HIS", "lab"


def judge(by_hand: Mapping[str, float] | None = None, *quiet: QuietTime) -> Judge:
    """Return a judge in UTC."""
    return Judge(Calendar(SilenceSettings(time_zone="UTC", quiet=quiet)), by_hand or {})


def known(weeks: float = 4, quiet: float = 0.0) -> Estimate:
    """Return a peer that sent every five minutes, and is quiet for some seconds."""
    estimate = Estimate(START, START)
    while estimate.at < START + weeks * WEEK:
        estimate.advance(estimate.at + 5 * MINUTE, hour_of_week)
        estimate.heard(estimate.at, 1, hour_of_week)
    estimate.advance(estimate.at + quiet, hour_of_week)
    return estimate


def state(which: Judge, estimate: Estimate) -> str:
    """Return how a peer is judged at the time up to which it is known."""
    which.look(estimate.at, {HIS: estimate})
    return which.state(HIS, estimate)


def test_by_what_was_learnt() -> None:
    """Without anything in the configuration the estimate decides."""
    assert state(judge(), known()) == "usual"
    assert state(judge(), known(quiet=5 * HOUR)) == "silent"
    assert state(judge(), known(weeks=1, quiet=5 * HOUR)) == "learning"


def test_by_hand() -> None:
    """`silence_after` replaces what was learnt, in both directions, and needs no weeks of learning."""
    assert state(judge({"HIS": 6 * HOUR}), known(quiet=5 * HOUR)) == "usual"
    assert state(judge({"HIS": 60}), known(quiet=MINUTE)) == "silent"
    assert state(judge({"HIS": HOUR}), known(weeks=0, quiet=HOUR)) == "silent"
    assert state(judge({"HIS": HOUR}), known(weeks=0, quiet=HOUR - 1)) == "usual"


def test_by_the_calendar() -> None:
    """While silence is expected, nothing else counts."""
    quiet = QuietTime(hours=("05:00-06:00",))
    assert state(judge({}, quiet), known(quiet=5 * HOUR)) == "expected"
    assert state(judge({"HIS": 60}, quiet), known(quiet=5 * HOUR)) == "expected"
    assert state(judge({}, quiet), known(quiet=6 * HOUR)) == "silent"


def test_by_hand_at_all_listeners() -> None:
    """A peer set by hand that has moved to another listener is not silent at the old one."""
    which, old, new = judge({"HIS": HOUR}), known(0, 5 * HOUR), known(0)
    which.look(old.at, {HIS: old, ("HIS", "new"): new})
    assert which.state(HIS, old) == "usual"
    assert which.quiet(HIS, old) == 0


def test_seen() -> None:
    """The shape for others has the time of the last message and what is usual now."""
    which, estimate = judge(), known(quiet=5 * HOUR)
    which.look(estimate.at, {HIS: estimate})
    found = which.seen(HIS, estimate)
    assert (found["peer"], found["listener"], found["state"]) == ("HIS", "lab", "silent")
    assert found["since"] == estimate.last == estimate.at - 5 * HOUR
    assert found["rate"] == pytest.approx(12, rel=0.2)
    assert found["usual_gap"] == pytest.approx(300, rel=0.2)


def test_seen_before_it_is_known() -> None:
    """What is not known yet is None: the rate of a new peer, and the last message of one that was never heard."""
    new = judge().seen(HIS, known(0))
    assert (new["state"], new["rate"], new["usual_gap"]) == ("learning", None, None)
    assert judge({"HIS": HOUR}).seen(("HIS", NO_LISTENER), known(0))["since"] is None


def test_an_hour_in_which_nothing_comes() -> None:
    """Where nothing is usual, there is no usual gap."""
    estimate = known()
    estimate.rates.means[:] = [0.0] * 168
    for hour in range(168):
        estimate.rates.add(hour, 0)
    found = judge().seen(HIS, estimate)
    assert (found["rate"], found["usual_gap"]) == (0.0, None)
