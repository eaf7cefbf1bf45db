"""Waking who waits."""

from gateway.spool.signals import Signals


def test_wake_some() -> None:
    """Only those named wake."""
    signals = Signals()
    signals.of("b").clear()
    signals.wake(["a"])
    assert (True, False) == (signals.of("a").is_set(), signals.of("b").is_set())


def test_wake_all() -> None:
    """All who have waited before wake."""
    signals = Signals()
    events = [signals.of("a"), signals.of("b")]
    signals.wake_all()
    assert all(event.is_set() for event in events)
