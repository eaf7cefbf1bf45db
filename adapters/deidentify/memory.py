"""The memory that images take while they are searched for text: whoever asks for more than is left waits."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class MemoryBudget:
    """So many octets for all together, given in the order in which they are asked for."""

    def __init__(self, octets: int) -> None:
        self._most = self._left = octets
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    @asynccontextmanager
    async def reserved(self, octets: int) -> AsyncIterator[None]:
        """Have *octets* until the block ends; of more than there are at all, those."""
        octets = min(octets, self._most)
        await self._take(octets)
        try:
            yield
        finally:
            self._left += octets
            self._give()

    async def _take(self, octets: int) -> None:
        asked = asyncio.get_running_loop().create_future(), octets
        self._waiting.append(asked)
        self._give()
        try:
            await asked[0]
        except asyncio.CancelledError:
            if asked in self._waiting:
                self._waiting.remove(asked)
            else:  # it was given at the same moment
                self._left += octets
            self._give()
            raise

    def _give(self) -> None:
        while self._waiting and self._waiting[0][1] <= self._left:
            given, octets = self._waiting.popleft()
            self._left -= octets
            if not given.done():
                given.set_result(None)
