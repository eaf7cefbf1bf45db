"""How many requests may be under way to one store at once; the others wait, and are let in in their order."""

import asyncio
from collections import deque
from types import TracebackType
from typing import Self


class Slots:
    """A semaphore that takes a free slot in one plain call; asyncio's takes two microseconds in Python 3.11."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take_free(self) -> bool:
        """Take a slot if one is free, which is never the case while others wait."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Wait for a slot and take it."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()  # the slot came at the same moment
            raise

    def give_back(self) -> None:
        """Give a slot to the one that has waited longest, or to whoever asks next."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def __aenter__(self) -> Self:
        if not self.take_free():
            await self.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_back()
