"""One thread that does blocking work, first in, first out; and several that wait for the disk."""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")
AT_A_TIME = 8
"""A change of threads takes longer than a small piece of work."""
SYNCED_AT_A_TIME = 32
"""Files that wait for the disk together: one commit of the file system's journal then serves many of them."""


class Worker:
    """Runs blocking work outside the event loop, one piece at a time, first in, first out."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._syncing = ThreadPoolExecutor(max_workers=SYNCED_AT_A_TIME, thread_name_prefix=f"{name}-sync")

    async def run(self, work: Callable[[], T]) -> T:
        """Return what *work* returns, or raise what it raises. Cancelling the wait does not stop the work."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    async def run_each(self, work: Callable[[S], T], items: Sequence[S]) -> list[T]:
        """Return what *work* returns for each of *items*: some at a time, so that the work of others comes between."""
        found: list[T] = []
        for at in range(0, len(items), AT_A_TIME):
            some = items[at : at + AT_A_TIME]
            found += await self.run(partial(_each, work, some))
        return found

    async def sync(self, files: Sequence[Path]) -> None:
        """Return when all of *files* are on the disk. Other work is done meanwhile."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._syncing, sync_file, each) for each in files))

    def close(self) -> None:
        """Wait for all submitted work and end the threads."""
        self._executor.shutdown(wait=True)
        self._syncing.shutdown(wait=True)


def sync_file(path: Path) -> None:
    """Return when a file is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _each(work: Callable[[S], T], items: Sequence[S]) -> list[T]:
    return [work(each) for each in items]
