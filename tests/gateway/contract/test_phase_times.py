"""The phases of exchanges: medians of the last ones, and what is usual."""

import pytest

from gateway.contract.phase_times import FOLD_SECONDS, KEPT, SHORTEST, PhaseTimes


def test_nothing_before_the_first_exchange() -> None:
    """A connection alone is no exchange."""
    times = PhaseTimes()
    times.connected(0.1)
    assert times.phases() is None


def test_medians_of_the_last() -> None:
    """Old exchanges are forgotten, and one odd exchange does not show."""
    times = PhaseTimes()
    for _ in range(100):
        times.exchanged(9.0, 9.0, 0.0)
    for number in range(KEPT):
        times.exchanged(30.0 if number == 3 else 0.2, 0.5, 1.0)
    times.connected(0.05)
    phases = times.phases()
    assert phases is not None
    assert (0.05, 0.2, 0.5) == (phases["connect"], phases["wait"], phases["transfer"])


def test_kept_connections() -> None:
    """Where no connection was opened since the start, connecting took no time."""
    times = PhaseTimes()
    times.exchanged(0.2, 0.0, 0.0)
    phases = times.phases()
    assert phases is not None
    assert 0.0 == phases["connect"]


def run(times: PhaseTimes, wait: float, since: float, seconds: float) -> float:
    """Have an exchange each second; return when the last one ended."""
    for each in range(int(seconds)):
        times.exchanged(wait, 0.0, since + each)
    return since + seconds


def test_a_store_that_becomes_slow() -> None:
    """It is slow at once, and what is usual follows within hours only."""
    times = PhaseTimes()
    now = run(times, 0.2, 1000.0, 3 * 3600)
    now = run(times, 14.0, now, 300)
    phases = times.phases()
    assert phases is not None
    assert 14.0 == phases["wait"]
    assert phases["usual_wait"] == pytest.approx(0.2, rel=0.3)
    run(times, 14.0, now, 12 * 3600)
    phases = times.phases()
    assert phases is not None
    assert phases["usual_wait"] == pytest.approx(14.0, rel=0.1)


def test_the_newest_are_not_usual_yet() -> None:
    """What is usual is known only behind the second time that it is looked at; until then nothing is unusual."""
    times = PhaseTimes()
    times.exchanged(0.0, 0.0, 0.0)
    times.exchanged(5.0, 0.0, FOLD_SECONDS)
    phases = times.phases()
    assert phases is not None
    assert phases["usual_wait"] == pytest.approx(SHORTEST)


def test_a_long_pause_does_not_rule() -> None:
    """A weekend without messages does not make its last message the usual."""
    times = PhaseTimes()
    now = run(times, 0.2, 0.0, 3600)
    for _ in range(KEPT):
        times.exchanged(50.0, 0.0, now)
    times.exchanged(50.0, 0.0, now + FOLD_SECONDS)
    times.exchanged(0.2, 0.0, now + 2 * 86400)
    phases = times.phases()
    assert phases is not None
    assert phases["wait"] == 50.0


def test_what_connecting_cost_lately() -> None:
    """One connection that took long, and is kept, is soon forgotten; where each exchange needs one, each counts."""
    times = PhaseTimes()
    spent = []
    for number in range(8):
        if number == 0 or number > 4:
            times.connected(0.5)
            times.connected(3.0)
        times.exchanged(0.2, 0.0, float(number))
        phases = times.phases()
        assert phases is not None
        spent.append(phases["newest_connect"])
    assert [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 3.0] == spent
