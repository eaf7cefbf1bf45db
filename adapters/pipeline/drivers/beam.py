"""The driver for Apache Beam: one DoFn with tagged outputs, which does what a process of the other driver does.

Elements are tasks and what became of them: references, names of results and counts, below 64 kB, never the octets or
rows of an object. A result goes to the same folder under the same name as with the other driver, which all workers must
share; a bundle that Beam runs twice writes the same file twice. So no sink of Beam is used, whose folders of unfinished
rows (``beam-temp-…``) a killed run would leave behind.

A worker of Beam gives each task to a process of its own, as the other driver does: a decoder that crashes or hangs
takes that process with it, and not Beam's worker, whose runner would try the whole bundle again without end.

Nothing but this file imports Beam, and nothing imports this file before somebody asks for it.
"""

import asyncio
import pickle
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Self

import apache_beam as beam

from adapters.pipeline.drivers.process import WorkerProcess
from adapters.pipeline.results import Results
from adapters.pipeline.work import Done, Task, Work

MOST_OF_ELEMENT = 64 * 1024
MADE, DEAD, LATER = "made", "dead", "later"
NOT_MADE = "it could not be read; the next run tries it again"


class Stages(beam.DoFn):  # type: ignore[misc]
    """Runs the stages of one object; what became of it goes to one of three outputs."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._process: WorkerProcess | None = None

    def setup(self) -> None:
        """Make the process, which is started with the first task."""
        self._process = WorkerProcess(self._work)

    def process(self, element: bytes) -> Iterator[Any]:
        """Yield what became of a task."""
        assert self._process is not None  # noqa: S101  Beam has called setup
        task: Task = pickle.loads(element)  # noqa: S301  what encoded has made
        done = self._process(task)
        tag = LATER if done.later else DEAD if "dead" in done.states.values() else MADE
        yield beam.pvalue.TaggedOutput(tag, encoded(done))

    def teardown(self) -> None:
        """End the process; where Beam does not call this, it ends with its pipe."""
        if self._process is not None:
            self._process.stop()


def encoded(element: Task | Done) -> bytes:
    """Return an element as Beam passes it on; raises ValueError if it is too large for that."""
    found = pickle.dumps(element)
    if len(found) > MOST_OF_ELEMENT:
        raise ValueError("an element has more than 64 kB; the name of its object is too long")
    return found


def stages(tasks: Any, work: Work) -> Any:
    """Return the outputs ``made``, ``dead`` and ``later`` of a collection of encoded tasks.

    The Reshuffle keeps Beam from running the listing and all the work after it on one worker.
    """
    return tasks | beam.Reshuffle() | beam.ParDo(Stages(work)).with_outputs(MADE, DEAD, LATER)


class BeamDriver:
    """Works on tasks by a pipeline of Beam, with the runner that *options* say."""

    def __init__(self, work: Work, pipeline: Callable[[], Any] = beam.Pipeline) -> None:
        self._work, self._pipeline = work, pipeline

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def run(self, tasks: Sequence[Task]) -> AsyncIterator[Done]:
        """Yield what became of each task, when the pipeline has ended."""
        await asyncio.to_thread(self._run, [encoded(each) for each in tasks])
        for each in tasks:
            yield self._found(each)

    def _run(self, elements: list[bytes]) -> None:
        with self._pipeline() as pipeline:
            stages(pipeline | beam.Create(elements), self._work)

    def _found(self, task: Task) -> Done:
        """Return what became of a task, by the results that there are."""
        results = Results(self._work.folder)
        states = {stage: state for stage, name in task.stages.items() if (state := results.state(stage, name))}
        later = "" if len(states) == len(task.stages) else NOT_MADE
        return Done(task, states, later=later)
