"""How fast senders send: no faster than they are answered, in bursts, and not beyond what the stores can take."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

QUIET, BURST = (0.2, 1.0), (0.0, 0.03)
"""Seconds between two messages."""


@dataclass(slots=True)
class Pace:
    """The pauses of one sender."""

    chance: random.Random
    stop: asyncio.Event
    """Set when there is to be no new message."""
    is_full: Callable[[], bool]
    """Whether so much waits already that more would only make the end longer."""
    _left: int = 0
    _span: tuple[float, float] = QUIET

    async def pause(self, seconds_to_answer: float) -> None:
        """Wait before the next message: at least as long as the last one took, so that a busy machine is spared."""
        if self._left == 0:
            self._span, self._left = self.chance.choice((QUIET, QUIET, BURST)), self.chance.randrange(3, 15)
        self._left -= 1
        await self._sleep(max(self.chance.uniform(*self._span), min(seconds_to_answer, 2.0)))
        while self.is_full() and not self.stop.is_set():
            await self._sleep(0.5)

    async def try_again(self, attempt: int) -> None:
        """Wait before the same message goes out again."""
        await asyncio.sleep(self.chance.uniform(0.5, 1.0) * min(2.0, 0.05 * 2 ** min(attempt, 8)))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            pass
