"""One run of the pipeline: list, make what is missing, assemble, let through the gate what may pass, and publish.

Whatever ends a run, the next one goes on from there: results are whole or absent, and tables change by one rename.
"""

import asyncio
import fcntl
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field

from adapters.pipeline.dataset.finishing import Finishing
from adapters.pipeline.dataset.gating import Gate
from adapters.pipeline.dataset.identified import write_identified
from adapters.pipeline.dataset.letters import counted
from adapters.pipeline.dataset.publishing import Public, folder_of, places_of, public_of, publish
from adapters.pipeline.drivers.interface import Driver
from adapters.pipeline.forgetting import settle
from adapters.pipeline.ledger import Ledger
from adapters.pipeline.planning import Planned, plan_of, tasks, unused, with_forgotten
from adapters.pipeline.reporting import Reports
from adapters.pipeline.results import Results
from adapters.pipeline.stages import deidentify
from adapters.pipeline.stages.inventory import listed, places
from adapters.pipeline.stages.texts import Cleaner
from adapters.pipeline.status import SECONDS, facts_of, note, note_end
from adapters.pipeline.work import REPORTS, Done, Work
from adapters.tables.contract import Tables
from gateway.contract.errors import ConfigError
from gateway.contract.objects import ObjectError
from gateway.contract.pipeline import Running

LEDGER, LOCK = "ledger.sqlite3", "lock"
Tell = Callable[[Done, int], None]
"""Is told what became of each task, and how many there are in all."""


OpenDriver = Callable[[Work], AbstractAsyncContextManager[Driver]]


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

    has_written: bool = False
    """Whether any table, or anything of the public side, has changed."""

    @property
    def is_good(self) -> bool:
        """Whether every object was listed and read."""
        return not (self.later or self.unlisted)


@contextmanager
def locked(work: Work) -> Iterator[None]:
    """Be the one who changes anything; raises ConfigError if there is another one."""
    work.folder.parent.mkdir(parents=True, exist_ok=True)
    work.folder.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(work.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError("pipeline.tables: another run works there now; wait for its end, or stop it") from None
        yield


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


async def work_off(work: Work, plan: list[Planned], driver: Driver, summary: Summary, tell: Tell) -> None:
    """Make what is missing."""
    missing = list(tasks(plan))
    if not missing:
        return
    results, reports = Results(work.folder), Reports(work.folder)
    before, noted = list(facts_of(plan, results)), time.monotonic()
    letters = counted(Tables(work.settings.tables))
    note(reports, before, letters, Running(0, len(missing)))
    async for done in driver.run(missing):
        summary.done += 1
        for stage, state in done.states.items():
            summary.states[stage, state] += 1
        if done.later and not done.states:
            summary.later[done.later] += 1
        tell(done, len(missing))
        if time.monotonic() - noted >= SECONDS:
            note(reports, before, letters, Running(summary.done, len(missing)))
            noted = time.monotonic()


def sweep(plan: list[Planned], results: Results) -> None:
    """Remove the results that nothing needs any more."""
    for stage, names in unused(plan, results):
        results.remove(stage, names)


def finish(work: Work, plan: list[Planned], version: str) -> tuple[bool, Public]:
    """Bring all tables up to date; return whether any was written, and what shall be public. Blocks."""
    reports, results = Reports(work.folder), Results(work.folder)
    with closing(Cleaner(work)) as cleaner:
        finishing = Finishing(work, plan, Gate(work.settings, reports.write), cleaner, version)
        written = write_identified(Tables(work.settings.tables), plan, results)
        written = finishing.write_tables() or written
        tables = finishing.write_public()
        for name, counts in finishing.linked.items():
            reports.write(f"linking-{name}.json", json.dumps(counts, indent=1, sort_keys=True).encode() + b"\n")
    return written, public_of(tables, lambda: pictures_of(plan, results))


def pictures_of(plan: list[Planned], results: Results) -> dict[str, bytes]:
    """Return all thumbnails by key."""
    found: dict[str, bytes] = {}
    for each in plan:
        if (name := each.name(deidentify.STAGE, "made")) is not None:
            found |= results.read(deidentify.STAGE, name, "made", each.reference).files
    return found


async def run(work: Work, open_driver: OpenDriver, version: str, tell: Tell = lambda *_: None) -> Summary:
    """Do all of it. Raises ConfigError, and ObjectError where the public side cannot be written."""
    summary = Summary()
    async with begun(work) as ledger:
        Cleaner(work).close()  # a mistake in the step is told before anything is read
        settle(work, ledger, version)  # what a killed command has left
        work = with_forgotten(work, ledger)
        await look(work, ledger, summary)
        plan = plan_of(work, ledger, version)
        summary.objects = sum(each.known.is_current for each in plan)
        async with open_driver(work) as driver:
            await work_off(work, plan, driver, summary, tell)
        plan = plan_of(work, ledger, version)
        ledger.resulted((each.known, name) for each in plan if (name := each.name(REPORTS, "made", "dead")) is not None)
        summary.has_written = await finish_all(work, plan, version)
        note_end(work, plan)
    return summary


async def finish_all(work: Work, plan: list[Planned], version: str) -> bool:
    """Bring all tables up to date, publish, and remove what nothing needs; return whether anything was written."""
    written, public = await asyncio.to_thread(finish, work, plan, version)
    tables, thumbnails = places_of(work.settings.public)
    there = folder_of(work.settings.public.tables, work.open_bucket(tables))
    pictures = folder_of(work.settings.public.thumbnails, work.open_bucket(thumbnails))
    published = await publish(public, there, pictures)
    sweep(plan, Results(work.folder))
    return published or written


@asynccontextmanager
async def begun(work: Work) -> AsyncIterator[Ledger]:
    """Be the one run, with the ledger, and without anything that a killed run has left."""
    with locked(work):
        results = Results(work.folder)
        results.begin()
        Reports(work.folder).tidy()
        try:
            with Ledger(work.folder / LEDGER) as ledger:
                yield ledger
        finally:
            results.end()
