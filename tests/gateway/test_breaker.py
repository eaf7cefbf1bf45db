"""A destination that keeps failing is probed, not hammered."""

from gateway.breaker import Breaker


def failing(times: int, *, now: float = 100.0) -> Breaker:
    """Return a breaker after *times* failures in a row."""
    breaker = Breaker(threshold=3, first=1.0, ceiling=8.0)
    for _ in range(times):
        breaker.failed(now)
    return breaker


def test_closed() -> None:
    """Below the threshold everything goes on."""
    assert (False, 7, 0.0) == (failing(2).is_open, failing(2).room(100.0, 1, 8), failing(2).wait(100.0))


def test_open() -> None:
    """At the threshold nothing starts until the pause is over, then one probe alone."""
    breaker = failing(3)
    assert breaker.is_open
    assert [0, 1, 0] == [breaker.room(100.5, 0, 8), breaker.room(101.0, 0, 8), breaker.room(101.0, 1, 8)]


def test_pauses_grow() -> None:
    """Each failed probe doubles the pause, up to the ceiling."""
    assert [1.0, 2.0, 4.0, 8.0, 8.0] == [failing(times).wait(100.0) for times in (3, 4, 5, 6, 100)]


def test_success_closes() -> None:
    """One answer of the destination closes it."""
    breaker = failing(5)
    breaker.succeeded()
    assert (False, 8) == (breaker.is_open, breaker.room(100.0, 0, 8))
