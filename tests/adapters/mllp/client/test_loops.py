"""Messages that come back."""

import pytest

from adapters.mllp.client import loops as module
from adapters.mllp.client.loops import RESENDS, Loops


def test_loop() -> None:
    """What the receiver has stored, and sends itself, is a loop."""
    loops = Loops()
    loops.stored(b"M", "10.0.0.1")
    assert loops.is_loop(b"M", "10.0.0.2", is_from_receiver=True)


def test_no_loop() -> None:
    """A resend of the first sender, another message, and what comes from anybody else are none."""
    loops = Loops()
    loops.stored(b"M", "10.0.0.1")
    assert not loops.is_loop(b"M", "10.0.0.3", is_from_receiver=False)
    assert not loops.is_loop(b"N", "10.0.0.2", is_from_receiver=True)


def test_resends_to_the_sender_itself() -> None:
    """A system that sends to itself may miss an answer a few times; then it is a loop, too."""
    loops = Loops()
    for _ in range(RESENDS):
        assert not loops.is_loop(b"M", "10.0.0.2", is_from_receiver=True)
        loops.stored(b"M", "10.0.0.2")
    assert loops.is_loop(b"M", "10.0.0.2", is_from_receiver=True)


def test_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many messages the oldest are forgotten."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2)
    loops = Loops()
    for payload in (b"1", b"2", b"3"):
        loops.stored(payload, "10.0.0.1")
    known = [loops.is_loop(payload, "10.0.0.2", is_from_receiver=True) for payload in (b"1", b"2", b"3")]
    assert [False, True, True] == known
