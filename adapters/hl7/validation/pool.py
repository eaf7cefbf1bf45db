"""The processes that validate messages, started and supervised by the daemon.

They are new interpreters that inherit no file descriptor except their pipes. Each has one message at a time; if all are
busy, callers wait in order, so that every queued message is held by its caller. A process that dies is replaced, and
its message is tried again; but a message that took too long, so that the system ended its process, is not tried again.
"""

import asyncio
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Self, cast

import structlog

from adapters.hl7.validation.orders import (
    LENGTH,
    READY,
    Order,
    Verdict,
    read_verdict,
    write_order,
)
from gateway.contract.errors import ConfigError, GatewayError

TRIES = 3
"""Most processes that get the same message, before NotValidatedError is raised."""
START_SECONDS = 60.0
WALL_FACTOR, WALL_SECONDS = 10.0, 60.0
"""A process is killed if it gives no answer for WALL_FACTOR times the processor time of a message plus WALL_SECONDS:
it is stopped, or gets no processor time."""
_CODE = (
    "import os; os.closerange(3, os.sysconf('SC_OPEN_MAX')); "  # uvloop passes on inheritable descriptors
    "from adapters.hl7.validation.process import main; main()"
)
_COMMAND = (sys.executable, "-P", "-W", "ignore", "-c", _CODE)

log = structlog.get_logger()


class NotValidatedError(GatewayError):
    """The validation processes keep ending: a fault of Hilum or of the machine, not of the message."""


class TookTooLongError(GatewayError):
    """A message has taken more processor time than allowed."""


class Validators:
    """The pool of validation processes; they run inside ``async with``."""

    def __init__(self, name: str, order: Order, profile: bytes, processes: int) -> None:
        self._name = name
        self._order, self._profile = order, profile
        self._places: asyncio.Queue[Validating | None] = asyncio.LifoQueue()
        """One item for each process, None if it is not started yet. The last one used is taken first."""
        for _ in range(processes):
            self._places.put_nowait(None)
        self._busy: set[asyncio.Task[Verdict]] = set()
        self._running: set[Validating] = set()

    async def __aenter__(self) -> Self:
        """Start one process; the others start when they are needed. Raises ConfigError if the first does not start."""
        try:
            process = await self._start()
        except (OSError, EOFError, TimeoutError):
            raise ConfigError(
                f"steps.{self._name}: a process that validates messages does not start; "
                "check that hl7apy is installed and that there is enough memory"
            ) from None
        self._places.get_nowait()
        self._places.put_nowait(process)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cancel the running validations and end all processes."""
        for task in self._busy:
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy)
        for process in tuple(self._running):
            await self._end(process)

    async def verdict(self, data: bytes, charset: str | None) -> Verdict:
        """Have *data* validated. Raises NotValidatedError or TookTooLongError."""
        process = await self._places.get()
        task = asyncio.create_task(self._work(process, data, charset))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return await asyncio.shield(task)

    async def _work(self, process: "Validating | None", data: bytes, charset: str | None) -> Verdict:
        """Have *data* validated by *process*, or by others if it dies; then put the process back into the queue."""
        try:
            for _ in range(TRIES):
                try:
                    process = process or await self._start()
                    async with asyncio.timeout(WALL_SECONDS + WALL_FACTOR * self._order.max_seconds):
                        return await process.ask(data, charset)
                except (OSError, EOFError, TimeoutError):
                    status = None if process is None else await self._end(process)
                process = None
                if status == -signal.SIGPROF:
                    raise TookTooLongError("the message takes longer than max_seconds")
                log.error("validation_process_died", step=self._name, status=status)
        finally:
            self._places.put_nowait(process)
        raise NotValidatedError("the processes that validate messages keep ending")

    async def _start(self) -> "Validating":
        process = await Validating.start()
        self._running.add(process)
        try:
            async with asyncio.timeout(START_SECONDS):
                await process.prepare(self._order, self._profile)
        except BaseException:
            await self._end(process)
            raise
        return process

    async def _end(self, process: "Validating") -> int:
        """End *process*, if it still runs, and return its exit status."""
        status = await process.end()
        self._running.discard(process)
        return status


class Validating:
    """One validation process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._in, self._out = cast("StreamWriter", process.stdin), cast("StreamReader", process.stdout)

    @classmethod
    async def start(cls) -> Self:
        """Start a process with the module path of this one, in a session of its own: Ctrl-C does not reach it."""
        modules = os.pathsep.join(filter(None, sys.path))
        environment = {**os.environ, "PYTHONPATH": modules}
        return cls(
            await asyncio.create_subprocess_exec(
                *_COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment, start_new_session=True
            )
        )

    @property
    def pid(self) -> int:
        """The process ID."""
        return self._process.pid

    async def prepare(self, order: Order, profile: bytes) -> None:
        """Send the order and the profile, and wait until the process is ready. Raises EOFError if it ends instead."""
        await self._send(write_order(order), profile)
        if await self._receive() != READY:
            raise EOFError

    async def ask(self, data: bytes, charset: str | None) -> Verdict:
        """Have *data* validated. Raises EOFError or OSError if the process dies."""
        await self._send((charset or "").encode(), data)
        return read_verdict(await self._receive())

    async def end(self) -> int:
        """Kill the process, if it still runs, and return its exit status.

        ``Process.kill`` would first ask the system for the status; asyncio, if it asks second, then reports 255. The
        process is alone in its group.
        """
        self._in.close()
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):  # macOS gives the second for a process that has ended
                os.killpg(self._process.pid, signal.SIGKILL)
        return await self._process.wait()

    async def _send(self, *frames: bytes) -> None:
        if self._in.is_closing():  # uvloop raises RuntimeError for a write to a closed pipe
            raise BrokenPipeError
        self._in.write(b"".join(len(each).to_bytes(LENGTH, "big") + each for each in frames))
        await self._in.drain()

    async def _receive(self) -> bytes:
        length = int.from_bytes(await self._out.readexactly(LENGTH), "big")
        return await self._out.readexactly(length)
