"""The timer whose deadline is only a stored number; the tests set the time."""

import asyncio
from collections.abc import Callable
from typing import cast

from adapters.rest.connecting.deadline import Deadline


class Clock:
    """Stands in for the event loop: its time moves when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.started = 0

    def time(self) -> float:
        """Return the time."""
        return self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> "Clock.Timer":
        """Start a timer."""
        self.timers.append((when, callback))
        self.started += 1
        return Clock.Timer(self, (when, callback))

    class Timer:
        """A timer that was started."""

        def __init__(self, clock: "Clock", entry: tuple[float, Callable[[], None]]) -> None:
            self._clock, self._entry = clock, entry

        def cancel(self) -> None:
            """Stop the timer."""
            if self._entry in self._clock.timers:
                self._clock.timers.remove(self._entry)

    def advance(self, seconds: float) -> None:
        """Let time pass and timers wake."""
        self.now += seconds
        for entry in [each for each in self.timers if each[0] <= self.now]:
            self.timers.remove(entry)
            entry[1]()


def deadline(clock: Clock) -> tuple[Deadline, list[float]]:
    """Return a deadline and the times at which it has expired."""
    expired: list[float] = []
    return Deadline(cast("asyncio.AbstractEventLoop", clock), lambda: expired.append(clock.now)), expired


def test_expires() -> None:
    """A deadline expires once, at its time."""
    clock = Clock()
    timer, expired = deadline(clock)
    timer.set(5)
    for _ in range(20):
        clock.advance(1)
    assert ([5.0], []) == (expired, clock.timers)


def test_moved() -> None:
    """A deadline that is moved in time does not expire, and moving it starts no new timer."""
    clock = Clock()
    timer, expired = deadline(clock)
    for _ in range(100):
        timer.set(5)
        clock.advance(1)
    assert [] == expired
    assert clock.started <= 26
    clock.advance(4)
    assert [104.0] == expired


def test_moved_forward() -> None:
    """A shorter deadline does not wait for the timer of the longer one."""
    clock = Clock()
    timer, expired = deadline(clock)
    timer.set(60)
    timer.set(2)
    clock.advance(2)
    assert ([2.0], []) == (expired, clock.timers)


def test_cleared() -> None:
    """A deadline that was cleared does not expire until it is set again."""
    clock = Clock()
    timer, expired = deadline(clock)
    timer.set(5)
    timer.clear()
    clock.advance(10)
    assert [] == expired
    timer.set(5)
    clock.advance(5)
    assert [15.0] == expired


def test_closed() -> None:
    """A closed deadline leaves no timer behind."""
    clock = Clock()
    timer, expired = deadline(clock)
    timer.close()
    timer.set(5)
    timer.close()
    clock.advance(10)
    assert ([], []) == (expired, clock.timers)
