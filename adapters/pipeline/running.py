"""One run of the pipeline: list, make what is missing, assemble, let through the gate what may pass, and publish.

Whatever ends a run, the next one goes on from there: results are whole or absent, and tables change by one rename.
"""

import fcntl
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from adapters.pipeline.contract import Dead, Made
from adapters.pipeline.drivers.contract import Driver
from adapters.pipeline.ledger import Ledger
from adapters.pipeline.planning import Bases, Planned, planned, tasks, unused
from adapters.pipeline.results import Results, State
from adapters.pipeline.stages.inventory import listed, places
from adapters.pipeline.work import Done, Work
from gateway.contract.errors import ConfigError
from gateway.contract.objects import ObjectError

LEDGER, LOCK = "ledger.sqlite3", "lock"
Tell = Callable[[Done, int], None]
"""Is told what became of each task, and how many there are in all."""


@dataclass(slots=True)
class Summary:
    """What a run has done."""

    objects: int = 0
    """Objects that the buckets have now."""
    done: int = 0
    """Objects on which this run has worked."""
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Results of this run, by stage and state."""
    later: Counter[str] = field(default_factory=Counter)
    """Why objects could not be read now, and how many."""
    unlisted: dict[str, str] = field(default_factory=dict)
    """Places that could not be listed, and why: what is known of them stays as it is."""

    @property
    def is_good(self) -> bool:
        """Whether every object was listed and read."""
        return not (self.later or self.unlisted)


@contextmanager
def locked(work: Work) -> Iterator[None]:
    """Be the one who changes anything; raises ConfigError if there is another one."""
    work.folder.parent.mkdir(parents=True, exist_ok=True)
    work.folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(work.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigError("pipeline.tables: another run works there now; wait for its end, or stop it") from None
    finally:
        os.close(descriptor)


async def look(work: Work, ledger: Ledger, summary: Summary) -> None:
    """List every place of every hospital into the ledger; what cannot be listed stays as it was."""
    for name, hospital in work.settings.hospitals.items():
        for what, place in places(hospital).items():
            try:
                found = [each async for each in listed(name, place, work.open_bucket)]
            except ObjectError as error:
                summary.unlisted[f"pipeline.hospitals.{name}.{what}s"] = str(error)
                continue
            ledger.listed(what, name, found)


def plan_of(work: Work, ledger: Ledger, version: str) -> list[Planned]:
    """Return what there is and what is missing, of the hospitals that the configuration names."""
    known = [each for each in ledger.known() if each.reference.hospital in work.settings.hospitals]
    return planned(known, Bases(work, version), Results(work.folder))


async def work_off(work: Work, plan: list[Planned], driver: Driver, summary: Summary, tell: Tell) -> None:
    """Make what is missing."""
    missing = list(tasks(plan))
    if not missing:
        return
    results = Results(work.folder)
    async for found in driver.run(missing):
        done = _given_up(found, results) if found.is_lost else found
        summary.done += 1
        for stage, state in done.states.items():
            summary.states[stage, state] += 1
        if done.later and not done.states:
            summary.later[done.later] += 1
        tell(done, len(missing))


def _given_up(done: Done, results: Results) -> Done:
    """Write a dead letter for each stage that has lost its process; return what became of the task."""
    task = done.task
    states: dict[str, State] = {}
    for stage, name in task.stages.items():
        if results.state(stage, name) is None:
            states[stage] = results.write(stage, name, Made(dead=[Dead(task.reference, stage, done.later)]))
    return Done(task, states, reasons=dict.fromkeys(states, done.later))


def sweep(plan: list[Planned], results: Results) -> None:
    """Remove the results that nothing needs any more."""
    for stage, names in unused(plan, results):
        results.remove(stage, names)


@asynccontextmanager
async def begun(work: Work) -> AsyncIterator[Ledger]:
    """Be the one run, with the ledger, and without anything that a killed run has left."""
    with locked(work):
        results = Results(work.folder)
        results.begin()
        try:
            with Ledger(work.folder / LEDGER) as ledger:
                yield ledger
        finally:
            results.end()
