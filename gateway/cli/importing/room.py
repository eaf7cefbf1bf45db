"""Memory for the objects that are kept while they are sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    """So many octets, which are taken and given back; who finds too few left waits for those who hold some."""

    def __init__(self, octets: int) -> None:
        self._all = self._left = octets
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, octets: int) -> AsyncIterator[None]:
        """Hold *octets*; an object that is larger than all there are waits until it is alone."""
        wanted = min(octets, self._all)
        async with self._changed:
            await self._changed.wait_for(lambda: self._left >= wanted)
            self._left -= wanted
        try:
            yield
        finally:
            self._left += wanted
            async with self._changed:
                self._changed.notify_all()
