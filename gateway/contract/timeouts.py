"""Thousands of timeouts of the same length with a single timer: the one that started first always ends first.

``asyncio.timeout`` starts and cancels a timer each time, which takes longer than reading a message and writing its
acknowledgement. Use it for everything that happens less often than once per message.
"""

import asyncio
from types import TracebackType
from typing import Self

EARLIEST = 0.001
"""Seconds by which uvloop, which counts whole milliseconds, may fire a timer early; it would be set again and again."""


class Timeouts:
    """``with timeouts.start(): await ...`` raises TimeoutError after *seconds*."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[Timeout, None] = {}  # in the order of their ends
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> "Timeout":
        """Return a new timeout, which starts now."""
        loop = asyncio.get_running_loop()
        timeout = Timeout(self._running, loop.time() + self._seconds)
        if self._timer is None:
            self._timer = loop.call_at(timeout.end, self._look, loop)
        return timeout

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Expire what is due, and set the timer for the next end. If nothing runs, the next start sets the timer."""
        self._timer = None
        while self._running:
            first = next(iter(self._running))
            if first.end > loop.time():
                self._timer = loop.call_at(first.end + EARLIEST, self._look, loop)
                return
            first.expire()


class Timeout:
    """One timeout, as a context manager in a task."""

    __slots__ = ("_cancelling", "_running", "_task", "end", "expired")

    def __init__(self, running: "dict[Timeout, None]", end: float) -> None:
        self._running = running
        self.end = end
        """In the time of the event loop."""
        self.expired = False
        """Whether the time was over before the block ended."""

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a timeout needs a task that it can cancel")
        self._task = task
        self._cancelling = task.cancelling()
        self._running[self] = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.pop(self, None)
        # As in asyncio.Timeout: a cancellation from elsewhere stays a cancellation.
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Cancel the task because its time is over."""
        del self._running[self]
        self.expired = True
        self._task.cancel()
