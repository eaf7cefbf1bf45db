"""Fetches messages before their turn comes, as far as they are small: the memory that this takes has a limit."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from adapters.events.getting import TOO_LARGE, Gone
from adapters.events.hl7v2.feed import Entry
from adapters.events.hl7v2.listing import Fetched
from gateway.contract.outcome import Unavailable

AHEAD = 16
"""Messages that are fetched before their turn comes."""
AHEAD_OCTETS = 1024 * 1024
"""Largest reply with one of them; a message with a larger one is fetched when its turn has come."""

Fetch = Callable[[Entry, int | None], Coroutine[Any, Any, Fetched | Gone | Unavailable]]
"""Fetches a message whose reply has at most so many octets; None is what the settings permit."""


class Ahead:
    """Messages in their order."""

    def __init__(self, entries: Iterable[Entry], fetch: Fetch) -> None:
        self._coming = deque(entries)
        self._fetch = fetch
        self._tasks = deque[tuple[Entry, asyncio.Task[Fetched | Gone | Unavailable]]]()

    def __bool__(self) -> bool:
        return bool(self._coming or self._tasks)

    def next(self) -> tuple[Entry, Coroutine[Any, Any, Fetched | Gone | Unavailable]]:
        """Return the next message, and what waits until it is fetched; fetch those behind it meanwhile."""
        while self._coming and len(self._tasks) < AHEAD:
            entry = self._coming.popleft()
            self._tasks.append((entry, asyncio.create_task(self._fetch(entry, AHEAD_OCTETS))))
        entry, task = self._tasks.popleft()
        return entry, self._whole(entry, task)

    async def drop(self) -> None:
        """Forget what is fetched ahead, and fetch nothing until the next message is asked for."""
        dropped = list(self._tasks)
        self._tasks.clear()
        self._coming.extendleft(entry for entry, _ in reversed(dropped))
        for _, task in dropped:
            task.cancel()
        if dropped:
            await asyncio.wait([task for _, task in dropped])

    async def _whole(
        self, entry: Entry, task: asyncio.Task[Fetched | Gone | Unavailable]
    ) -> Fetched | Gone | Unavailable:
        found = await task
        return await self._fetch(entry, None) if found is TOO_LARGE else found
