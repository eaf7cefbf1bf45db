"""Messages of one block: each begins when the one before has its place, and need not wait for that one's outcome."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")
Work = Callable[[Callable[[], None]], Coroutine[Any, Any, T]]
"""Is given what it calls when the next one may begin; what ends without a call lets the next one begin, too."""


class Together(Generic[T]):
    """Runs pieces of work in order, *most* of them at once. Left by an exception, it cancels those under way."""

    def __init__(self, most: int) -> None:
        self.ended: list[T] = []
        """What they returned, in order; all of them behind the ``async with``."""
        self._most = most
        self._running: deque[asyncio.Task[T]] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            while self._running and kind is None:
                await self._end_first()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def begin(self, work: Work[T]) -> None:
        """Begin *work*, and return when the next one may begin."""
        while len(self._running) >= self._most:
            await self._end_first()
        loop = asyncio.get_running_loop()
        may_go_on: asyncio.Future[None] = loop.create_future()

        def go_on(*_: object) -> None:
            if not may_go_on.done():
                may_go_on.set_result(None)

        task = loop.create_task(work(go_on))
        task.add_done_callback(go_on)
        self._running.append(task)
        await may_go_on

    async def _end_first(self) -> None:
        self.ended.append(await self._running[0])
        self._running.popleft()
