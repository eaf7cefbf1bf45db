"""How long is waited while nothing succeeds: pauses that grow, and the end of patience, which stops everything."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
TOLD_FROM = 1.0
"""A pause of so many seconds is told to who waits for the end of the command."""


class Patience:
    """Shared by all that is in progress: one success is a success of all."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        tell: Callable[[str, float], None] = lambda *_: None,
    ) -> None:
        self._seconds, self._clock, self._sleep = seconds, clock, sleep
        self._tell, self._is_told = tell, False
        self._success, self._pause = clock(), FIRST_PAUSE
        self._grows_at = 0.0
        """When a failure makes the pauses longer again: those of one moment count as one."""
        self.successes = 0
        """How often something has succeeded."""
        self.stopped = ""
        """Why everything has stopped before its end."""

    def succeeded(self) -> None:
        """Note that something has succeeded."""
        self._success, self._pause, self._is_told = self._clock(), FIRST_PAUSE, False
        self.successes += 1

    def stop(self, why: str) -> None:
        """Stop everything; the first reason counts."""
        self.stopped = self.stopped or why

    async def pause(self, why: str, least: float = 0.0) -> bool:
        """Wait after a failure; return whether it may be tried again. If not, *why* is why everything has stopped."""
        left = self._success + self._seconds - self._clock()
        if left <= 0:
            self.stop(why)
        if self.stopped:
            return False
        if self._pause >= TOLD_FROM and not self._is_told:
            self._is_told = True
            self._tell(why, left)
        seconds = max(self._pause * random.uniform(0.5, 1.0), min(least, self._seconds))  # noqa: S311  no secret
        if (now := self._clock()) >= self._grows_at:
            self._grows_at = now + seconds
            self._pause = min(self._pause * 1.5, LONGEST_PAUSE)
        await self._sleep(min(seconds, left))
        return not self.stopped
