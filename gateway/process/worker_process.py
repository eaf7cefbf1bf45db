"""One process of several that share the listeners' ports, as its supervisor sees it."""

import asyncio
import multiprocessing
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Self

from gateway.admin.workers import WorkerAdmin
from gateway.contract.errors import ConfigError
from gateway.process.heartbeat import Pulse
from gateway.process.worker import run_worker
from gateway.spool.inheritance import NOBODY, Estate, Numbers

SPAWN = multiprocessing.get_context("spawn")


class WorkerProcess:
    """From its start to its end; to be waited for with :meth:`ended`, also where it never became ready."""

    def __init__(self, number: int, process: SpawnProcess, line: Connection, beats: Connection) -> None:
        self.number = number
        self._process = process
        self._line = line
        """Held open as long as the process runs: it stops when this closes, also because the supervisor has died."""
        self._beats = beats
        self._pulse = Pulse(beats.fileno())
        self.admin: WorkerAdmin | None = None
        """Where it answers; None until it is ready."""
        self.estate = Estate()
        """What it has told of the workers whose heir it is."""
        self._heir_of = NOBODY
        self.is_killed = False
        """Whether it did not turn for so long that it was killed."""

    @classmethod
    def spawn(cls, number: int, *arguments: Any) -> Self:
        """Start a process that runs ``run_worker`` with *arguments*. Raises whatever the system has against it."""
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
        """Wait until its listeners are bound. Raises ConfigError with what it says is wrong, EOFError if it ends."""
        await _readable(self._line.fileno())
        said = self._line.recv()
        if not isinstance(said, int):
            raise ConfigError(*said)
        self.admin = WorkerAdmin(self.number, said)
        asyncio.get_running_loop().add_reader(self._line.fileno(), self._hear)

    def inherit(self, numbers: Numbers) -> None:
        """Have it be the heir of these workers, and of nobody else."""
        if numbers != self._heir_of:
            self._heir_of = numbers
            with suppress(OSError):  # it has died meanwhile
                self._line.send(numbers)

    def _hear(self) -> None:
        try:
            self.estate = self._line.recv()
        except (EOFError, OSError):  # its end comes next
            asyncio.get_running_loop().remove_reader(self._line.fileno())

    def look(self, seconds: float) -> float:
        """Look for signs of life, *seconds* after the last time; return for how many seconds there has been none."""
        self._pulse.look(seconds)
        if self.admin is not None:
            self.admin.silent_seconds = self._pulse.silent_seconds
        return self._pulse.silent_seconds

    def terminate(self) -> None:
        """Have it drain and end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it, whatever it does."""
        self.is_killed = True
        self._process.kill()

    async def ended(self) -> int:
        """Wait for its end, let go of what belongs to it and return its exit status."""
        await _readable(self._process.sentinel)
        self._process.join()  # a moment: the sentinel is closed while the process ends
        status = self._process.exitcode or 0
        asyncio.get_running_loop().remove_reader(self._line.fileno())
        self._line.close()
        self._beats.close()
        return status


async def _readable(descriptor: int) -> None:
    """Wait until there is something to read, the end included; without a thread, which may not be had."""
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(descriptor)
