"""A process that works on objects, which is replaced when it ends or hangs.

A decoder that crashes or hangs takes its process with it, and not the run: the object is tried again in a new process,
and given up when that ends as well. Nothing that such a process has written is lost: its results are whole or absent.
"""

from adapters.isolation.process import ClosedError, IsolatedProcess, LostError, NoProcessError
from adapters.pipeline.contract import Dead, Made
from adapters.pipeline.drivers.worker import run_worker
from adapters.pipeline.results import Results, State
from adapters.pipeline.work import Done, Task, Work

ENDED = "the process that read it ended by itself: a decoder crashed, or memory ran out"
HUNG = "it took longer than `pipeline.object_seconds`"


class WorkerProcess:
    """One process, which is started when its first task comes, and again after it was lost. The methods block."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._results = Results(work.folder)
        self._process = IsolatedProcess(run_worker, work)

    def __call__(self, task: Task) -> Done:
        """Return what became of a task, which is a dead letter where each attempt took the process with it.

        Raises ClosedError if the process is ended meanwhile.
        """
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
        return self._process.is_running

    def stop(self) -> None:
        """End the process for good; what it works on is lost, and nothing is written of it."""
        self._process.close()

    def _attempt(self, task: Task) -> Done | str:
        """Return what became of a task; or why nobody knows, and then the process is gone."""
        try:
            found = self._process.ask(task, self._work.settings.object_seconds)
        except LostError as error:
            return HUNG if error.has_hung else ENDED
        except ClosedError:
            raise
        except NoProcessError:
            return ENDED
        assert isinstance(found, Done)  # noqa: S101  a worker sends nothing else
        return found

    def _given_up(self, task: Task, reason: str) -> Done:
        """Write a dead letter for each stage whose result is not there; return what became of the task."""
        states: dict[str, State] = {}
        for stage, name in task.stages.items():
            if self._results.state(stage, name) is None:
                states[stage] = self._results.write(stage, name, Made(dead=[Dead(task.reference, stage, reason)]))
        return Done(task, states, reasons=dict.fromkeys(states, reason))
