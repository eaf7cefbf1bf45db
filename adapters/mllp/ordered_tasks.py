"""Runs the messages of one block concurrently: each begins when the one before has its place in the order."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")
Work = Callable[[Callable[[], None]], Coroutine[Any, Any, T]]
"""A piece of work. It calls its argument when the next piece may begin; its end lets the next one begin, too."""


class OrderedTasks(Generic[T]):
    """Begins pieces of work in order, with at most *most* under way. Left by an exception, it cancels these."""

    def __init__(self, most: int) -> None:
        self.ended: list[T] = []
        """The results in order; complete after the ``async with``."""
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
