"""The circuit breaker: it opens if the destination keeps failing, but not if only one message keeps failing."""

import pytest

from gateway.flow.breaker import MOST_REMEMBERED, Breaker


def failing(times: int) -> tuple[Breaker, float]:
    """Return a breaker after *times* failures in a row, each of another message and as soon as it may; and the time."""
    breaker, now = Breaker(threshold=3, first=1.0, ceiling=8.0), 100.0
    for number in range(times):
        now += breaker.wait(now)
        breaker.failed([str(number)], now)
    return breaker, now


def test_closed() -> None:
    """Below the threshold deliveries are not limited."""
    breaker, now = failing(2)
    assert (False, 7, 0.0) == (breaker.is_open, breaker.room(now, 1, 8), breaker.wait(now))


def test_open() -> None:
    """At the threshold nothing starts until the pause is over, then one probe alone."""
    breaker, now = failing(3)
    assert breaker.is_open
    assert [0, 1, 0] == [breaker.room(now + 0.5, 0, 8), breaker.room(now + 1, 0, 8), breaker.room(now + 1, 1, 8)]


@pytest.mark.parametrize(("times", "pause"), {3: 1.0, 4: 2.0, 5: 4.0, 6: 8.0, 100: 8.0}.items())
def test_pauses_grow(times: int, pause: float) -> None:
    """Each failed probe doubles the pause, up to the ceiling."""
    breaker, now = failing(times)
    assert pause == breaker.wait(now)


def test_what_was_under_way_when_it_opened() -> None:
    """Deliveries that fail together open the breaker, and do not count as failed probes."""
    breaker = Breaker(threshold=3, first=1.0, ceiling=8.0)
    for name in "abcdefgh":
        breaker.failed(name, 100.0)
    assert (True, 1.0) == (breaker.is_open, breaker.wait(100.0))


def test_success_closes() -> None:
    """One success closes the breaker."""
    breaker, now = failing(5)
    breaker.succeeded(["4"])
    assert (False, 8) == (breaker.is_open, breaker.room(now, 0, 8))


# What became of the messages "a", "b", …, in order: a capital was answered, "ab" failed in one request.
HISTORIES = {
    "one message that fails for ever is the only one": ("a a a", True),
    "different messages fail": ("a b c", True),
    "others succeed between": ("a b C d e", False),
    "one message fails again after others succeeded": ("a B a a a a", False),
    "two messages fail again after others succeeded": ("a b C a b a b a b", False),
    "a message that was answered is beyond suspicion": ("a B A a c d", True),
    "beside those that fail for ever others fail too": ("a b C a b d a e b f", True),
    "a request with one that never failed counts": ("a B ac ad ae", True),
    "a request of those that fail for ever does not": ("a b C ab ab ab", False),
}


@pytest.mark.parametrize(("history", "is_open"), HISTORIES.values(), ids=HISTORIES)
def test_whose_trouble_it_is(history: str, is_open: bool) -> None:
    """A message that fails again after others have succeeded does not open the breaker."""
    breaker = Breaker(threshold=3)
    for request in history.split():
        if request.isupper():
            breaker.succeeded(request.lower())
        else:
            breaker.failed(request, 0.0)
    assert is_open == breaker.is_open


def test_probe_with_a_message_that_fails_for_ever() -> None:
    """A probe that fails because of its own message is soon followed by another."""
    breaker = Breaker(threshold=3, first=1.0, ceiling=8.0)
    breaker.failed("a", 0.0)
    breaker.succeeded("b")
    for name, now in (("c", 0.0), ("d", 0.0), ("e", 0.0), ("f", 1.0), ("g", 3.0)):
        breaker.failed(name, now)
    assert 4.0 == breaker.wait(3.0)
    breaker.failed("a", 7.0)
    assert (True, 1.0) == (breaker.is_open, breaker.wait(7.0))


def test_what_is_remembered_is_bounded() -> None:
    """However many messages fail, the memory for them is bounded."""
    breaker = Breaker()
    for number in range(MOST_REMEMBERED + 5):
        breaker.failed([str(number)], 0.0)
    assert MOST_REMEMBERED == len(breaker._failing)
