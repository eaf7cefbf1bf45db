"""One thread that does blocking work, first in, first out."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """Runs blocking work outside the event loop, one piece at a time, first in, first out."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what *work* returns, or raise what it raises. Cancelling the wait does not stop the work."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def close(self) -> None:
        """Wait for all submitted work and end the thread."""
        self._executor.shutdown(wait=True)
