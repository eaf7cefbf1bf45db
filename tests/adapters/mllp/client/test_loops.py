"""Messages that come back."""

import pytest

from adapters.mllp.client import loops as module
from adapters.mllp.client.loops import LOOP_SECONDS, RESENDS, Loops

ENGINE, RECEIVER = "10.0.0.1", "10.0.0.2"


def test_loop() -> None:
    """What the receiver has stored, and sends itself, is a loop."""
    loops = Loops()
    loops.stored(b"M", ENGINE, 0)
    assert loops.is_loop(b"M", RECEIVER, 1)


def test_no_loop() -> None:
    """Another message is none."""
    loops = Loops()
    loops.stored(b"M", ENGINE, 0)
    assert not loops.is_loop(b"N", RECEIVER, 1)


def taken(count: int, seconds: float) -> list[bool]:
    """Return for each of the same octets, sent from the receiver's own address so often, whether it was taken."""
    loops, results = Loops(), []
    for number in range(count):
        now = number * seconds
        results.append(not loops.is_loop(b"M", RECEIVER, now))
        if results[-1]:
            loops.stored(b"M", RECEIVER, now)
    return results


def test_resends_to_the_sender_itself() -> None:
    """A system that sends to itself may miss an answer a few times; then it is a loop, too."""
    assert [True] * RESENDS + [False] * 5 == taken(RESENDS + 5, 1)


@pytest.mark.parametrize("seconds", [30, 60, 300])
def test_test_message(seconds: float) -> None:
    """The same test message, sent regularly, is never a loop."""
    assert all(taken(2000, seconds))


def test_not_for_ever() -> None:
    """What was taken for a loop is taken again when it has stopped."""
    loops = Loops()
    for now in range(RESENDS):
        loops.stored(b"M", RECEIVER, now)
    assert [True, False] == [loops.is_loop(b"M", RECEIVER, now) for now in (10, 100)]


def test_forgotten() -> None:
    """After an hour the octets may be sent from the receiver's address, and then from there again."""
    loops = Loops()
    loops.stored(b"M", ENGINE, 0)
    assert not loops.is_loop(b"M", RECEIVER, LOOP_SECONDS)
    loops.stored(b"M", RECEIVER, LOOP_SECONDS)
    assert not loops.is_loop(b"M", RECEIVER, LOOP_SECONDS + 60)


def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many messages the oldest are forgotten."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2)
    loops = Loops()
    for payload in (b"1", b"2", b"3"):
        loops.stored(payload, ENGINE, 0)
    known = [loops.is_loop(payload, RECEIVER, 1) for payload in (b"1", b"2", b"3")]
    assert [False, True, True] == known
