"""Pauses between tries."""

from adapters.events.pauses import is_told, pause_after


def test_pauses() -> None:
    """Pauses grow to the ceiling, and are as long as a server asks for."""
    assert 0.25 <= pause_after(1, 60) <= 0.5
    assert 30 <= pause_after(30, 60) <= 60
    assert 30 <= pause_after(10**9, 60) <= 60
    assert 90 == pause_after(1, 60, 90)


def test_told() -> None:
    """The first, second, fourth and eighth failure in a row is logged."""
    assert [1, 2, 4, 8, 16] == [number for number in range(1, 20) if is_told(number)]
