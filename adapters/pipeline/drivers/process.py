"""A process that works on objects, which is replaced when it ends or hangs.

A decoder that crashes or hangs takes its process with it, and not the run: the object is tried again in a new process,
and given up when that ends as well. Nothing that such a process has written is lost: its results are whole or absent.
"""

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from adapters.pipeline.contract import Dead, Made
from adapters.pipeline.drivers.worker import READY, run_worker
from adapters.pipeline.results import Results, State
from adapters.pipeline.work import Done, Task, Work

ENDED = "the process that read it ended by itself: a decoder crashed, or memory ran out"
HUNG = "it took longer than `pipeline.object_seconds`"
STARTING = 300.0
"""Seconds that a process has to start: it imports decoders, perhaps on a machine that has much to do."""
GRACE = 5.0
"""Seconds that a process has to end by itself."""


class WorkerProcess:
    """One process, which is started when its first task comes, and again after it was lost. The methods block."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._results = Results(work.folder)
        # A new interpreter: a fork would copy threads and locks in any state.
        self._context = multiprocessing.get_context("spawn")
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def __call__(self, task: Task) -> Done:
        """Return what became of a task, which is a dead letter where each attempt took the process with it."""
        reason = ENDED
        for _ in range(self._work.settings.attempts):
            found = self._attempt(task)
            if isinstance(found, Done):
                return found
            reason = found
        return self._given_up(task, reason)

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

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

    def _attempt(self, task: Task) -> Done | str:
        """Return what became of a task; or why nobody knows, and then the process is gone."""
        try:
            connection = self._connection or self._start()
            connection.send(task)
            if not connection.poll(self._work.settings.object_seconds):
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

    def _given_up(self, task: Task, reason: str) -> Done:
        """Write a dead letter for each stage whose result is not there; return what became of the task."""
        states: dict[str, State] = {}
        for stage, name in task.stages.items():
            if self._results.state(stage, name) is None:
                states[stage] = self._results.write(stage, name, Made(dead=[Dead(task.reference, stage, reason)]))
        return Done(task, states, reasons=dict.fromkeys(states, reason))
