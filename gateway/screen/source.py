"""Where the pages get what they show."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.contract.observed import Observed, Status

FRESH_SECONDS = 1.0


class Source(Protocol):
    """What is observed and what follows from it: of this process, or of all workers together."""

    async def observed(self) -> Observed:
        """Return what is observed now."""
        ...

    async def status(self) -> Status:
        """Return the cases, destinations and peers of the first screen."""
        ...


class Looking:
    """Looks at most once a second, however many pages ask: *observe* may have to ask every worker."""

    def __init__(
        self,
        observe: Callable[[], Awaitable[Observed]],
        judge: Callable[[Observed], Status],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._observe = observe
        self._judge = judge
        self._clock = clock
        self._looking = asyncio.Lock()
        self._last: tuple[Observed, Status] | None = None
        self._last_at = float("-inf")

    async def observed(self) -> Observed:
        """Return what was observed at the last look."""
        return (await self._look())[0]

    async def status(self) -> Status:
        """Return what followed from it."""
        return (await self._look())[1]

    async def _look(self) -> tuple[Observed, Status]:
        async with self._looking:
            if self._last is None or self._clock() - self._last_at >= FRESH_SECONDS:
                observed = await self._observe()
                self._last = observed, self._judge(observed)
                self._last_at = self._clock()
            return self._last
