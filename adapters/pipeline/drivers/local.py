"""The driver for one machine: asyncio, and a pool of processes."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from typing import Self

from adapters.pipeline.drivers.process import WorkerProcess
from adapters.pipeline.work import Done, Task, Work


class LocalDriver:
    """Works on tasks in processes. Enter it with ``async with``."""

    def __init__(self, work: Work) -> None:
        count = work.settings.processes or os.cpu_count() or 1
        self._workers = [WorkerProcess(work) for _ in range(count)]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            await asyncio.to_thread(worker.stop)

    async def run(self, tasks: Sequence[Task]) -> AsyncIterator[Done]:
        """Yield what became of each task, in the order in which they end."""
        left, done = iter(tasks), asyncio.Queue[Done]()

        async def work(worker: WorkerProcess) -> None:
            for task in left:
                await done.put(await asyncio.to_thread(worker, task))

        running = [asyncio.create_task(work(worker)) for worker in self._workers[: len(tasks)]]
        try:
            for _ in tasks:
                yield await self._next(done, running)
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)  # they were cancelled, or their processes ended

    @staticmethod
    async def _next(done: "asyncio.Queue[Done]", running: Sequence["asyncio.Task[None]"]) -> Done:
        """Return the next result; raises what a worker's own task has raised."""
        waiting = asyncio.create_task(done.get())
        try:
            while not waiting.done():
                await asyncio.wait(
                    {waiting, *(each for each in running if not each.done())}, return_when=asyncio.FIRST_COMPLETED
                )
                for each in running:
                    if each.done():
                        each.result()
            return waiting.result()
        finally:
            waiting.cancel()
