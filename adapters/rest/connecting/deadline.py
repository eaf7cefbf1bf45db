"""A timer for waits that begin and end thousands of times a second and hardly ever take too long.

Moving the deadline only stores a number. The timer of the event loop, once started, fires at its original time, sees
that the deadline has moved, and starts again. So a busy connection starts one timer a minute, not two a request.
"""

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls *expire* when the deadline is reached; setting it again moves it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, expire: Callable[[], None]) -> None:
        self._loop = loop
        self._expire = expire
        self._when: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_when = 0.0

    def set(self, seconds: float) -> None:
        """Set the deadline to *seconds* from now; it replaces the one set before."""
        self._when = when = self._loop.time() + seconds
        if self._timer is None or when < self._timer_when:
            self._start(when)

    def clear(self) -> None:
        """Remove the deadline."""
        self._when = None

    def close(self) -> None:
        """Remove the deadline, and cancel the timer of the event loop."""
        self._when = None
        if self._timer is not None:
            self._timer.cancel()

    def _start(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_when = when
        self._timer = self._loop.call_at(when, self._wake)

    def _wake(self) -> None:
        self._timer = None
        if self._when is None:
            return
        if self._when > self._loop.time():
            self._start(self._when)
        else:
            self._when = None
            self._expire()
