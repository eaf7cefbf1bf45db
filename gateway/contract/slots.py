"""How many messages or requests may be under way to one place at once; the others are let in in their order.

``asyncio.Semaphore`` does the same with five calls for each message; here a free slot is taken and given back by one.
"""

import asyncio
from collections import deque


class Slots:
    """So many at once; the others wait for their turn, in their order."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a free slot; return whether there was one. Whoever gets none has to :meth:`wait`."""
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
            if not turn.cancelled():  # it was given the slot, and is cancelled before it could use it
                self.give_back()
            raise

    def give_back(self) -> None:
        """Give a slot to the one that has waited longest, or to whoever comes next."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
