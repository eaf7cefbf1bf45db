"""The driver for one machine: asyncio, and a pool of processes that are replaced when they end or hang.

A decoder that crashes or hangs takes its process with it, and not the run: the object is tried again in a new process,
and given up when that ends as well. Nothing that such a process has written is lost: its results are whole or absent.
"""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Self

from adapters.pipeline.drivers.worker import READY, run_worker
from adapters.pipeline.work import Done, Task, Work

ENDED = "the process that read it ended by itself: a decoder crashed, or memory ran out"
HUNG = "it took longer than `pipeline.object_seconds`"
STARTING = 300.0
"""Seconds that a process has to start: it imports decoders, perhaps on a machine that has much to do."""
GRACE = 5.0
"""Seconds that a process has to end by itself."""


class Worker:
    """One process, which is started when its first task comes, and again after it was lost."""

    def __init__(self, work: Work) -> None:
        self._work = work
        # A new interpreter: a fork would copy threads and locks in any state.
        self._context = multiprocessing.get_context("spawn")
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def __call__(self, task: Task, seconds: float) -> Done | str:
        """Return what became of a task; or why nobody knows, and then the process is gone. Blocks."""
        try:
            connection = self._connection or self._start()
            connection.send(task)
            if not connection.poll(seconds):
                self.stop()
                return HUNG
            found = connection.recv()
        except (EOFError, OSError):
            self.stop()
            return ENDED
        assert isinstance(found, Done)  # noqa: S101  a worker sends nothing else
        return found

    def _start(self) -> Connection:
        here, there = self._context.Pipe()
        self._process = self._context.Process(target=run_worker, args=(there, self._work), daemon=True)
        self._process.start()
        there.close()  # so that the worker's end shows here
        self._connection = here
        if not here.poll(STARTING) or here.recv() != READY:
            raise EOFError
        return here

    def stop(self) -> None:
        """End the process; what it works on is lost."""
        connection, process = self._connection, self._process
        self._connection = self._process = None
        if connection is not None:
            connection.close()
        if process is not None:
            process.kill()  # it may hang in a decoder, where no signal is handled
            process.join(GRACE)
            process.close()


class LocalDriver:
    """Works on tasks in processes. Enter it with ``async with``."""

    def __init__(self, work: Work) -> None:
        self._work = work
        count = work.settings.processes or os.cpu_count() or 1
        self._workers = [Worker(work) for _ in range(count)]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            await asyncio.to_thread(worker.stop)

    async def run(self, tasks: Sequence[Task]) -> AsyncIterator[Done]:
        """Yield what became of each task, in the order in which they end."""
        left, done = iter(tasks), asyncio.Queue[Done]()

        async def work(worker: Worker) -> None:
            for task in left:
                await done.put(await self._tried(worker, task))

        running = [asyncio.create_task(work(worker)) for worker in self._workers[: len(tasks)]]
        try:
            for _ in tasks:
                yield await self._next(done, running)
        finally:
            for each in running:
                each.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*running)

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

    async def _tried(self, worker: Worker, task: Task) -> Done:
        problem = ""
        for _ in range(self._work.settings.attempts):
            found = await asyncio.to_thread(worker, task, self._work.settings.object_seconds)
            if isinstance(found, Done):
                return found
            problem = found
        return Done(task, later=problem, is_lost=True)
