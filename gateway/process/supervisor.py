"""Runs several workers on the same ports, because one Python process uses one core.

The supervisor opens the listening sockets of its workers (see ``gateway.process.shared_ports``), serves the admin
port, restarts a worker that has died, hangs or could not be started, and forwards SIGTERM.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import cast

import structlog

from gateway.admin.access import access_of
from gateway.admin.server import add_spool_api, serving_admin
from gateway.admin.settings import AdminSettings
from gateway.admin.workers import WorkerAdmin, WorkerAdmins
from gateway.app import Assignment, Running
from gateway.audit.opening import open_audit_of_acts
from gateway.config.destinations import destinations_of
from gateway.config.loading import Config
from gateway.config.origin import Origin
from gateway.contract.errors import ConfigError
from gateway.contract.observed import Observed
from gateway.flow.decisions import RecordedOperations
from gateway.journal.opening import JournalPlan, open_journal
from gateway.journal.schema import SLOTS
from gateway.observing.merging import merged
from gateway.process.heartbeat import BEAT_SECONDS
from gateway.process.shared_ports import SharedPorts
from gateway.process.successors import Successors
from gateway.process.worker import CUT_OFF
from gateway.process.worker_process import WorkerProcess
from gateway.screen.case_watch import watching_cases
from gateway.screen.everything import add_screen
from gateway.screen.explain_api import add_explain_api, explainer_of
from gateway.screen.site import site_of
from gateway.screen.status_source import StatusSource
from gateway.silence.feed import ProcessSeen
from gateway.silence.store import Store
from gateway.silence.watch import SilenceWatch
from gateway.spool import Operations
from gateway.spool.folders import existing_folders
from gateway.spool.opening import open_for_operator
from gateway.telemetry.faults import report
from gateway.telemetry.log import LogFormat
from gateway.telemetry.supervisor import DIED, HUNG, NOT_STARTED, SupervisorMetrics

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a worker is restarted; they double with each failure in a row, up to the longest."""
STAYS_SECONDS = 60.0
"""A worker that has run for so long did not fail at its start: its failures are counted from 0 again."""
LEND_AFTER_SECONDS = 10.0
"""When a worker has been missing for so long, another one is named its successor."""
START_FACTOR = 10
"""A worker that still starts (it may be reading its spool) may be silent this many times longer than a ready one."""


@dataclass(slots=True)
class Place:
    """One worker: one process, and after its end the next one under the same number."""

    number: int
    process: WorkerProcess | None = None
    missing_since: float | None = None
    """When its last process ended, by the loop's clock; None while there is one that is ready."""
    failures: int = 0
    """How often in a row it could not be started, or ended before STAYS_SECONDS."""

    @property
    def admin(self) -> WorkerAdmin | None:
        """The admin port of the process that is ready."""
        return None if self.process is None else self.process.admin


class Supervisor:
    """Runs *config.workers* processes until *stop*."""

    def __init__(self, config: Config, log_format: LogFormat, log_level: str, origin: Origin | None = None) -> None:
        self._config = config
        self._origin = origin
        self._log = log_format, log_level
        # A worker's admin port is for the supervisor alone.
        self._worker_config = config.model_copy(update={"admin": AdminSettings(port=0)})
        self._places = [Place(number) for number in range(1, config.workers + 1)]
        self._ports = SharedPorts(config.workers)
        self._successors = Successors()
        self._admin_token = secrets.token_urlsafe(32)
        self._metrics = SupervisorMetrics()
        self._admins = WorkerAdmins(
            lambda: {place.number: place.admin for place in self._places}, self._admin_token, self._metrics.render
        )
        self._silence: SilenceWatch | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._cut_off = False
        self._stopping = asyncio.Event()

    async def run(self, stop: asyncio.Event, started: Callable[[Running], None] = lambda _: None) -> bool:
        """Serve until *stop*; return whether peers had to be cut off. Raises ConfigError when it cannot start."""
        async with AsyncExitStack() as stack:
            stack.callback(self._ports.close)
            for name, settings in self._config.ports.items():
                await self._ports.bind(name, settings)
            watch = asyncio.create_task(self._watch())
            stack.callback(watch.cancel)
            stack.push_async_callback(self._end_all)
            await self._start_all(stop)
            if not stop.is_set():
                self._keepers = [asyncio.create_task(self._keep(place)) for place in self._places]
                admin_port = await stack.enter_async_context(self._serve_admin())
                running = Running(self._ports.ports, admin_port)
                log.info("gateway_started", ports=running.ports, admin_port=admin_port, workers=self._config.workers)
                started(running)
                await stop.wait()
            await self._end_all()
        log.info("gateway_stopped", cut_off=self._cut_off)
        return self._cut_off

    async def _end_all(self) -> None:
        """Take no more connections, have every worker drain, and wait for its end."""
        self._stopping.set()
        self._ports.close()
        for place in self._places:
            if place.process is not None:
                place.process.terminate()
        if self._keepers:
            await asyncio.gather(*self._keepers)
        else:  # the first start has failed, or was ended
            for place in self._places:
                if place.process is not None:
                    await self._outlast(place, place.process)

    @asynccontextmanager
    async def _serve_admin(self) -> AsyncIterator[int]:
        access = access_of(self._config.admin, self._config.data_dir)
        async with AsyncExitStack() as stack:
            application = (await stack.enter_async_context(self._admins)).application(access)
            tell = await stack.enter_async_context(open_audit_of_acts(self._config.audit))
            spools = None
            if existing_folders(self._config.data_dir):
                opening = open_for_operator(self._config.data_dir, self._config.spool, leave_out=True)
                journal = await stack.enter_async_context(open_journal(self._journal_plan(), {}))
                operations = await stack.enter_async_context(opening)
                spools = cast("Operations", RecordedOperations(operations, journal.record))
                names, keyed = destinations_of(self._config), self._config.keyed_listeners
                add_spool_api(application, spools, names, self._config.listeners, tell, keyed)
            self._silence = await stack.enter_async_context(self._watch_silence())
            source = StatusSource(self._observe, site_of(self._config))
            add_screen(application, source, access, self._config, tell=tell, spool=spools, origin=self._origin)
            add_explain_api(application, explainer_of(self._config, source, self._admins.associations))
            await stack.enter_async_context(watching_cases(source, self._metrics.cases))
            yield await stack.enter_async_context(serving_admin(self._config.admin, application))

    def _journal_plan(self) -> JournalPlan:
        """Return how the supervisor's own journal is opened, which has what operators decide."""
        config = self._config
        may_make = "data_dir" in config.model_fields_set
        return JournalPlan(config.journal, config.data_dir, config.keyed_listeners, may_make, number=SLOTS)

    async def _observe(self) -> Observed:
        """Return what all workers have observed."""
        observed = merged(*await self._admins.observed())
        observed["silence"] = [] if self._silence is None else self._silence.seen()
        return observed

    def _watch_silence(self) -> SilenceWatch:
        """Return what judges the silence of the peers over all workers, which do not."""

        async def ask() -> list[ProcessSeen]:
            workers, _ = await self._admins.observed()
            return [ProcessSeen(each["started_at"], each["peers"]) for each in workers]

        config, metrics = self._config, self._metrics
        store = Store(config.data_dir, config.listeners, may_make="data_dir" in config.model_fields_set)
        return SilenceWatch(config.silence, config.silence_by_hand, store, ask, metrics.silence.show)

    async def _start_all(self, stop: asyncio.Event) -> None:
        """Start the workers one after another, since each takes a spool, until *stop*."""

        async def start_each() -> None:
            for place in self._places:
                await self._start_first(place)

        starting, stopped = asyncio.create_task(start_each()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([starting, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            starting.cancel()
            await asyncio.wait([starting])
        if not starting.cancelled():
            starting.result()  # raises what kept a worker from starting

    async def _start_first(self, place: Place) -> None:
        """Start a worker for the first time: ConfigError, or an end before it was ready, ends the gateway."""
        try:
            await self._start(place)
        except EOFError:
            raise ConfigError(f"worker {place.number}: ended before it was ready") from None
        except OSError as error:
            self._not_started(place, error)

    async def _start(self, place: Place) -> None:
        """Start a process in *place* and wait until it is ready. Raises the error that prevented it."""
        sockets = self._ports.of_worker(place.number - 1)
        arguments = self._worker_config, *self._log, Assignment(place.number, sockets, self._admin_token)
        process = place.process = WorkerProcess.spawn(place.number, *arguments)
        try:
            await process.ready()
        except BaseException:
            process.terminate()
            await process.ended()
            place.process = None
            raise
        place.missing_since = None
        log.info("worker_started", worker=place.number, pid=process.pid)

    async def _keep(self, place: Place) -> None:
        """Keep a process running in *place* until the gateway stops, whatever errors occur."""
        while not self._stopping.is_set():
            try:
                if place.process is None:
                    await self._start_again(place)
                else:
                    await self._outlast(place, place.process)
            except Exception as error:  # noqa: BLE001  if this task ended, nothing would restart the worker
                self._not_started(place, error)
                if place.process is not None:
                    await asyncio.sleep(FIRST_PAUSE)
        if place.process is not None:
            await self._outlast(place, place.process)

    async def _start_again(self, place: Place) -> None:
        pause = min(FIRST_PAUSE * 2.0 ** min(max(place.failures - 1, 0), 10), LONGEST_PAUSE)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stopping.wait()
                return
        await self._start(place)
        if self._stopping.is_set() and place.process is not None:
            place.process.terminate()

    async def _outlast(self, place: Place, process: WorkerProcess) -> None:
        """Wait for the end of *process*, which is ready, and record it."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        status = await process.ended()
        if process.admin is not None:
            self._admins.ended(process.admin)
        place.process, place.missing_since = None, loop.time()
        if self._stopping.is_set():
            self._cut_off |= status == CUT_OFF
            return
        place.failures = 0 if loop.time() - since >= STAYS_SECONDS else place.failures + 1
        self._metrics.restarts(HUNG if process.is_killed else DIED)
        log.error("worker_died", worker=place.number, pid=process.pid, status=status)

    def _not_started(self, place: Place, error: Exception) -> None:
        if self._stopping.is_set():
            return
        place.failures += 1
        place.missing_since = place.missing_since or asyncio.get_running_loop().time()
        self._metrics.restarts(NOT_STARTED)
        log.error("worker_not_started", worker=place.number, reason=_reason(error), failures=place.failures)

    async def _watch(self) -> None:
        """Kill workers that hang, and have others take over the peers of those that are missing."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                for place in self._places:
                    self._look_at(place)
                if not self._stopping.is_set():
                    self._stand_in()
            except Exception as error:  # noqa: BLE001  if this task ended, a hung worker would never be killed
                report(error, "supervisor")

    def _stand_in(self) -> None:
        """Have successors adopt the spools of missing workers, and send the peers to them afterwards."""
        late = asyncio.get_running_loop().time() - LEND_AFTER_SECONDS
        since = {place.number: place.missing_since for place in self._places}
        missing = {number for number, when in since.items() if when is not None and when < late}
        processes = [place.process for place in self._places if place.process is not None and place.admin is not None]
        lent = self._successors.review(missing, {each.number: each.estate for each in processes})
        for each in processes:
            each.inherit(self._successors.of(each.number))
        self._ports.lend({number - 1: successor - 1 for number, successor in lent.items()})

    def _look_at(self, place: Place) -> None:
        process, limit = place.process, self._config.worker_hang_seconds
        if process is None:
            return
        silent = process.look(BEAT_SECONDS)
        if silent >= limit * (1 if process.admin else START_FACTOR) and not process.is_killed:
            log.error("worker_hangs", worker=place.number, pid=process.pid, silent_seconds=silent)
            process.kill()


def _reason(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return str(error)
    if isinstance(error, EOFError):
        return "the process ended before it was ready"
    return error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
