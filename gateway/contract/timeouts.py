"""Timeouts of one length, by the thousand: what began first is over first, so one timer serves them all.

``asyncio.timeout`` starts and cancels a timer each time, which takes longer than reading a message and writing its
acknowledgement. It is still the one to use for whatever happens less often than once a message.
"""

import asyncio
from types import TracebackType
from typing import Self

SHORTEST = 0.001
"""Seconds between two looks: uvloop counts whole milliseconds, and may fire a timer early by a part of one."""


class Timeouts:
    """Gives each user *seconds*: ``with timeouts.start(): await ...`` raises TimeoutError when they are over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[Timeout, None] = {}  # in the order of their ends
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> "Timeout":
        """Return the timeout of one use; its time begins now."""
        loop = asyncio.get_running_loop()
        timeout = Timeout(self._running, loop.time() + self._seconds)
        if self._timer is None:
            self._timer = loop.call_at(timeout.end, self._look, loop)
        return timeout

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what is over; look again when the next one may be. When nothing runs, the next start sets the timer."""
        self._timer = None
        while self._running:
            first = next(iter(self._running))
            now = loop.time()
            if first.end > now:
                self._timer = loop.call_at(max(first.end, now + SHORTEST), self._look, loop)
                return
            first.expire()


class Timeout:
    """One use, as a context manager in a task."""

    __slots__ = ("_cancelling", "_running", "_task", "end", "expired")

    def __init__(self, running: "dict[Timeout, None]", end: float) -> None:
        self._running = running
        self.end = end
        """In the loop's time."""
        self.expired = False
        """Whether the time was over before the block was."""

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
        # As asyncio.Timeout does it: a cancellation from elsewhere stays one.
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Cancel the task because its time is over."""
        del self._running[self]
        self.expired = True
        self._task.cancel()
