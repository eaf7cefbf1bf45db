"""Runs several workers on the same ports, because one Python process uses one core.

The supervisor holds the ports (so that a taken one is found at once, and port 0 is one port for all), serves the admin
port, starts a worker anew when it has died, and passes SIGTERM on. The kernel spreads new connections over the workers.
"""

import asyncio
import multiprocessing
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import structlog

from gateway.admin import add_spool_api
from gateway.admin_access import access_of
from gateway.app import Running, serving_admin
from gateway.config import AdminSettings, Config
from gateway.errors import ConfigError
from gateway.listening import cannot_bind
from gateway.log import LogFormat
from gateway.spool.folders import existing_folders
from gateway.spool.opening import open_for_operator
from gateway.worker import CUT_OFF, run_worker
from gateway.worker_admins import WorkerAdmins

log = structlog.get_logger()

PAUSE_BEFORE_RESTART = 1.0


@dataclass(slots=True)
class Worker:
    """One place for a process, which may be filled several times."""

    number: int
    process: SpawnProcess | None = None
    admin_port: int | None = None
    """Where the process that is up answers; None while there is none."""
    line: Connection | None = None
    """Held open as long as the process runs: it stops when this closes, also because the supervisor has died."""

    async def ended(self) -> int:
        """Wait for the end of the process and return its exit status."""
        assert self.process is not None  # noqa: S101  a worker is waited for after its start
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self.process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self.process.sentinel)
        await asyncio.to_thread(self.process.join)
        self.admin_port = None
        if self.line is not None:
            self.line.close()
        return self.process.exitcode or 0


class Supervisor:
    """Runs *config.workers* processes until *stop*."""

    def __init__(self, config: Config, log_format: LogFormat, log_level: str) -> None:
        self._config = config
        self._log = log_format, log_level
        self._workers = [Worker(number) for number in range(1, config.workers + 1)]
        self._admin_token = secrets.token_urlsafe(32)
        self._cut_off = False
        self._stopping = asyncio.Event()

    async def run(self, stop: asyncio.Event, started: Callable[[Running], None] = lambda _: None) -> bool:
        """Serve until *stop*; return whether peers had to be cut off. Raises ConfigError when it cannot start."""
        async with AsyncExitStack() as stack:
            ports = self._hold_ports(stack.enter_context(ExitStack()))
            stack.push_async_callback(self._end_all)
            keepers = await self._start_all(ports)
            admin_port = await stack.enter_async_context(self._serve_admin())
            running = Running(ports, admin_port)
            log.info("gateway_started", ports=ports, admin_port=admin_port, workers=self._config.workers)
            started(running)
            await stop.wait()
            self._stopping.set()
            self._terminate()
            await asyncio.gather(*keepers)
        log.info("gateway_stopped", cut_off=self._cut_off)
        return self._cut_off

    async def _end_all(self) -> None:
        """End what is still running when the supervisor fails; after a proper end there is nothing."""
        self._stopping.set()
        self._terminate()
        for worker in self._workers:
            if worker.process is not None:
                await worker.ended()

    @asynccontextmanager
    async def _serve_admin(self) -> AsyncIterator[int]:
        access = access_of(self._config.admin)
        async with AsyncExitStack() as stack:
            workers = await stack.enter_async_context(WorkerAdmins(self._admin_ports, self._admin_token))
            application = workers.application(access)
            if existing_folders(self._config.data_dir):
                spools = open_for_operator(self._config.data_dir, self._config.spool)
                add_spool_api(application, await stack.enter_async_context(spools))
            yield await stack.enter_async_context(serving_admin(self._config.admin, application))

    def _admin_ports(self) -> list[int | None]:
        return [worker.admin_port for worker in self._workers]

    def _hold_ports(self, stack: ExitStack) -> dict[str, int]:
        """Bind every listener's port without listening; return the ports by listener."""
        ports = {}
        for name, settings in self._config.listeners.items():
            family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
            held = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            try:
                held.bind((settings.host, settings.port))
            except OSError as error:
                raise cannot_bind(f"listeners.{name}", settings.host, settings.port, error) from None
            ports[name] = int(held.getsockname()[1])
        return ports

    async def _start_all(self, ports: Mapping[str, int]) -> list[asyncio.Task[None]]:
        """Start the workers one after another, since each takes a spool."""
        listeners = {
            name: settings.model_copy(update={"port": ports[name]}) for name, settings in self._config.listeners.items()
        }
        config = self._config.model_copy(update={"listeners": listeners, "admin": AdminSettings(port=0)})
        for worker in self._workers:
            await self._start(worker, config)
        return [asyncio.create_task(self._keep(worker, config)) for worker in self._workers]

    async def _start(self, worker: Worker, config: Config) -> None:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        worker.process = context.Process(
            target=run_worker, args=(config, there, *self._log, self._admin_token), name=f"worker-{worker.number}"
        )
        worker.process.start()
        there.close()
        try:
            said = await asyncio.to_thread(here.recv)
        except EOFError:
            said = (f"worker {worker.number}: ended before it was ready",)
        if not isinstance(said, int):
            here.close()
            raise ConfigError(*said)
        worker.admin_port, worker.line = said, here
        log.info("worker_started", worker=worker.number, pid=worker.process.pid)

    async def _keep(self, worker: Worker, config: Config) -> None:
        """Start the worker anew whenever it has died, until the end."""
        while worker.process is not None:
            status = await worker.ended()
            if self._stopping.is_set():
                self._cut_off |= status == CUT_OFF
                return
            log.error("worker_died", worker=worker.number, pid=worker.process.pid, status=status)
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_BEFORE_RESTART):
                    await self._stopping.wait()
                    return
            try:
                await self._start(worker, config)
            except ConfigError as error:
                log.error("worker_not_started", worker=worker.number, reason=str(error))
            if self._stopping.is_set():
                self._terminate()

    def _terminate(self) -> None:
        for worker in self._workers:
            if worker.process is not None and worker.process.is_alive():
                worker.process.terminate()
