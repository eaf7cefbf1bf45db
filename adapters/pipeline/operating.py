"""What operators do with a pipeline: run it, see how far it is, try again, forget, and ask the public table."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.pipeline.dataset.gating import GATED
from adapters.pipeline.dataset.letters import letters
from adapters.pipeline.dataset.publishing import fetch, folder_of, places_of
from adapters.pipeline.dataset.searching import NoWordsError, search_of
from adapters.pipeline.drivers.interface import Driver
from adapters.pipeline.drivers.local import LocalDriver
from adapters.pipeline.forgetting import ask, settle
from adapters.pipeline.ledger import Ledger
from adapters.pipeline.planning import plan_of, with_forgotten
from adapters.pipeline.reporting import Reports
from adapters.pipeline.results import ResultDamagedError, Results
from adapters.pipeline.retrying import retry
from adapters.pipeline.running import LEDGER, begun, finish_all, locked, run
from adapters.pipeline.stages.final import REPORT
from adapters.pipeline.status import facts_of, note_end
from adapters.pipeline.work import Done, Work
from adapters.tables.contract import NoTableError, TableBusyError, Tables
from adapters.tables.engine import Engine, QueryRefusedError
from adapters.tables.manifest import TableDamagedError
from gateway.contract.objects import ObjectError
from gateway.contract.pipeline import (
    DriverName,
    Forgotten,
    Parts,
    PipelineError,
    Report,
    RunFacts,
    StageFacts,
    Step,
)
from gateway.contract.tables import Answer


class Operating:
    """The pipeline of one configuration."""

    def __init__(self, parts: Parts) -> None:
        settings = parts.pipeline
        self._work = Work(settings, parts.step, parts.domains, settings.tables / "work", parts.open_bucket)
        self._version = parts.version

    async def run(self, tell: Callable[[Step], None], driver: DriverName) -> RunFacts:
        """Do all that is to be done."""
        done = failed = dead = 0

        def told(each: Done, total: int) -> None:
            nonlocal done, failed, dead
            done += 1
            failed += bool(each.later) or "dead" in each.states.values()
            dead += sum(state == "dead" for state in each.states.values())
            tell(Step(done, total, failed))

        with _told():
            found = await run(self._work, driver_of(driver), self._version, told)
        return RunFacts(found.objects, found.done, dead, dict(found.later), found.unlisted, found.has_written)

    def status(self) -> Sequence[StageFacts]:
        """Return how far it is, by what was last listed."""
        with _told(), self._ledger() as ledger:
            plan = plan_of(with_forgotten(self._work, ledger), ledger, self._version)
            return list(facts_of(plan, Results(self._work.folder)))

    def report(self) -> Report:
        """Return what the last run has found."""
        reports = Reports(self._work.folder)
        linking = {name: _json(reports.read(f"linking-{name}.json")) for name in sorted(self._work.settings.hospitals)}
        gates = {name: _json(reports.read(f"{name}-gate.json")) for name in GATED}
        with _told():
            found = letters(Tables(self._work.settings.tables))
        return Report(found, {name: each for name, each in linking.items() if each}, gates)

    def retry(self) -> int:
        """Let the next run try again what was held back by an error; return how many dead letters that are."""
        with _told(), self._ledger() as ledger, locked(self._work):
            return retry(self._work, plan_of(with_forgotten(self._work, ledger), ledger, self._version))

    async def forget(self, hospital: str, uid: str) -> Forgotten:
        """Forget a patient, a study or an instance, on both sides."""
        with _told():
            async with begun(self._work) as ledger:
                ask(self._work, ledger, hospital, uid)
                gone = settle(self._work, ledger, self._version)
                work = with_forgotten(self._work, ledger)
                plan = plan_of(work, ledger, self._version)
                await finish_all(work, plan, self._version)
                note_end(work, plan)
        return Forgotten(gone.images, gone.reports)

    async def query(self, sql: str, most: int | None) -> Answer:
        """Return the answer to one SELECT over the public table, as it is on the public side."""
        place = self._work.settings.public.tables
        with _told(), TemporaryDirectory(prefix="hilum-public-") as scratch:
            bucket = self._work.open_bucket(places_of(self._work.settings.public)[0])
            if not await fetch(folder_of(place, bucket), Path(scratch)):
                raise PipelineError("pipeline.public.tables: there is no public table yet; run the pipeline first")
            engine = Engine({"main": Tables(Path(scratch))})
            try:
                found = engine.query(sql, most=most)
            finally:
                engine.close()
        return Answer(found.names, found.rows)

    async def search(self, words: str, most: int | None) -> Answer:
        """Return the rows of the public table whose reports have all *words*."""
        if REPORT not in self._work.settings.public.columns:
            raise PipelineError("pipeline.public.columns: has no `report`, so nothing can be searched for words")
        try:
            return await self.query(search_of(words), most)
        except NoWordsError as error:
            raise PipelineError(str(error)) from None

    @contextmanager
    def _ledger(self) -> Iterator[Ledger]:
        if not (self._work.folder / LEDGER).exists():
            raise PipelineError("pipeline.tables: the pipeline has not run yet; run it first")
        with Ledger(self._work.folder / LEDGER) as ledger:
            yield ledger


def driver_of(name: DriverName) -> Callable[[Work], AbstractAsyncContextManager[Driver]]:
    """Return what opens a driver; raises PipelineError without Apache Beam, if it is asked for."""
    if name == "local":
        return LocalDriver
    try:
        from adapters.pipeline.drivers.beam import BeamDriver  # noqa: PLC0415  nothing else imports Beam
    except ImportError:
        raise PipelineError("--driver beam: needs Apache Beam, which is not installed; install hilum[beam]") from None
    return BeamDriver


def open_pipeline(parts: Parts) -> Operating:
    """Return the pipeline of a configuration."""
    return Operating(parts)


def _json(octets: bytes) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(octets) if octets else {}
    return found


@contextmanager
def _told() -> Iterator[None]:
    """Make PipelineError of what can go wrong; its text names no object and no value."""
    try:
        yield
    except ObjectError as error:
        raise PipelineError(f"a bucket: {error}") from None
    except OSError as error:
        raise PipelineError(f"pipeline.tables: {error.strerror or type(error).__name__}; correct that") from None
    except (NoTableError, TableBusyError, TableDamagedError, QueryRefusedError, ResultDamagedError) as error:
        raise PipelineError(str(error)) from None
