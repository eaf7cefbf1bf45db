"""One worker process, as its supervisor sees it: started, heard, and waited for."""

import asyncio
import multiprocessing
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Self

from gateway.admin.workers import WorkerAdmin
from gateway.contract.errors import ConfigError
from gateway.process.heartbeat import HeartbeatMonitor
from gateway.process.worker import run_worker
from gateway.spool.inheritance import NOBODY, Estate, Numbers

SPAWN = multiprocessing.get_context("spawn")


class WorkerProcess:
    """A started process; to be waited for with :meth:`ended`, also where it never became ready."""

    def __init__(self, number: int, process: SpawnProcess, line: Connection, beats: Connection) -> None:
        self.number = number
        self._process = process
        self._line = line
        """Held open as long as the process runs: the worker stops when this closes, also when the supervisor dies."""
        self._beats = beats
        self._pulse = HeartbeatMonitor(beats.fileno())
        self.admin: WorkerAdmin | None = None
        """Its admin port; None until it is ready."""
        self.estate = Estate()
        """Its last report on the workers whose successor it is."""
        self._heir_of = NOBODY
        self.is_killed = False
        """Whether it was killed because its event loop hung."""

    @classmethod
    def spawn(cls, number: int, *arguments: Any) -> Self:
        """Start a process that runs ``run_worker`` with *arguments*. Raises the system's error where it cannot."""
        with ExitStack() as ours, ExitStack() as theirs:
            line, their_line = SPAWN.Pipe()
            ours.callback(line.close)
            theirs.callback(their_line.close)
            beats, their_beats = SPAWN.Pipe(duplex=False)
            ours.callback(beats.close)
            theirs.callback(their_beats.close)
            process = SPAWN.Process(
                target=run_worker, args=(their_line, their_beats, *arguments), name=f"worker-{number}"
            )
            process.start()
            ours.pop_all()
            return cls(number, process, line, beats)

    @property
    def pid(self) -> int | None:
        """Its process ID."""
        return self._process.pid

    async def ready(self) -> None:
        """Wait until its listeners are bound. Raises ConfigError with the problems it reports, EOFError if it ends."""
        await _readable(self._line.fileno())
        said = self._line.recv()
        if not isinstance(said, int):
            raise ConfigError(*said)
        self.admin = WorkerAdmin(self.number, said)
        asyncio.get_running_loop().add_reader(self._line.fileno(), self._hear)

    def inherit(self, numbers: Numbers) -> None:
        """Make it the successor of these workers, and of no others."""
        if numbers != self._heir_of:
            self._heir_of = numbers
            with suppress(OSError):  # the worker has died meanwhile
                self._line.send(numbers)

    def _hear(self) -> None:
        try:
            self.estate = self._line.recv()
        except (EOFError, OSError):  # the worker has died, which `ended` notices next
            asyncio.get_running_loop().remove_reader(self._line.fileno())

    def look(self, seconds: float) -> float:
        """Read its heartbeats, *seconds* after the last look; return for how many seconds there has been none."""
        self._pulse.look(seconds)
        if self.admin is not None:
            self.admin.silent_seconds = self._pulse.silent_seconds
        return self._pulse.silent_seconds

    def terminate(self) -> None:
        """Have it drain and end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it at once with SIGKILL."""
        self.is_killed = True
        self._process.kill()

    async def ended(self) -> int:
        """Wait for its end, close the pipes to it and return its exit status."""
        await _readable(self._process.sentinel)
        self._process.join()  # takes only a moment: the sentinel closes while the process ends
        status = self._process.exitcode or 0
        asyncio.get_running_loop().remove_reader(self._line.fileno())
        self._line.close()
        self._beats.close()
        return status


async def _readable(descriptor: int) -> None:
    """Wait until *descriptor* has something to read or is at its end. No thread: the system may not grant one."""
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(descriptor)
