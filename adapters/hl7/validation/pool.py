"""Processes that validate messages, started and watched by the daemon.

They are fresh interpreters that inherit no descriptor but their pipes. Each has one message at a time; who comes when
all are busy waits for its turn, in order, so that nothing is queued here that its caller does not hold. A process that
dies is replaced and its message tried again; one that the system has ended because its message took too long is not
given that message a second time.
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
"""Processes that a message is given to before it is told that none has stayed."""
START_SECONDS = 60.0
WALL_FACTOR, WALL_SECONDS = 10.0, 60.0
"""A process that gives no answer for so many times the processor's time of a message, and so long more, is stopped or
starved: it is killed."""
_CODE = (
    "import os; os.closerange(3, os.sysconf('SC_OPEN_MAX')); "  # uvloop hands on what is inheritable
    "from adapters.hl7.validation.process import main; main()"
)
_COMMAND = (sys.executable, "-P", "-W", "ignore", "-c", _CODE)

log = structlog.get_logger()


class NotValidatedError(GatewayError):
    """The validation processes do not stay: Hilum's own trouble, or the machine's."""


class TookTooLongError(GatewayError):
    """A message has taken more of a processor's time than one may."""


class Validators:
    """``async with``: the processes run inside of it."""

    def __init__(self, name: str, order: Order, profile: bytes, processes: int) -> None:
        self._name = name
        self._order, self._profile = order, profile
        self._places: asyncio.Queue[Validating | None] = asyncio.LifoQueue()
        """One for each process; None where it is yet to be started. The last one used is used next."""
        for _ in range(processes):
            self._places.put_nowait(None)
        self._busy: set[asyncio.Task[Verdict]] = set()
        self._running: set[Validating] = set()

    async def __aenter__(self) -> Self:
        """Start one process, and the others when they are needed. Raises ConfigError where that one does not start."""
        try:
            process = await self._start()
        except (OSError, EOFError, TimeoutError):
            raise ConfigError(
                f"steps.{self._name}: a process that validates messages does not start; "
                "see that hl7apy is installed and that there is memory for one"
            ) from None
        self._places.get_nowait()
        self._places.put_nowait(process)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give up what is under way and end all processes."""
        for task in self._busy:
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy)
        for process in tuple(self._running):
            await self._end(process)

    async def verdict(self, data: bytes, charset: str | None) -> Verdict:
        """Have *data* validated. Raises NotValidatedError, TookTooLongError."""
        process = await self._places.get()
        task = asyncio.create_task(self._work(process, data, charset))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return await asyncio.shield(task)

    async def _work(self, process: "Validating | None", data: bytes, charset: str | None) -> Verdict:
        """Have *data* validated by *process*, or by others where it dies; then give the place back."""
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
        raise NotValidatedError("the processes that validate messages do not stay")

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
        """End *process*, if it has not, and return how it has ended."""
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
        """Start it, with the same modules as this process has, and out of reach of the terminal's Ctrl-C."""
        modules = os.pathsep.join(filter(None, sys.path))
        environment = {**os.environ, "PYTHONPATH": modules}
        return cls(
            await asyncio.create_subprocess_exec(
                *_COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment, start_new_session=True
            )
        )

    @property
    def pid(self) -> int:
        """Its process ID."""
        return self._process.pid

    async def prepare(self, order: Order, profile: bytes) -> None:
        """Tell it what to do and wait until it can. Raises EOFError where it ends instead."""
        await self._send(write_order(order), profile)
        if await self._receive() != READY:
            raise EOFError

    async def ask(self, data: bytes, charset: str | None) -> Verdict:
        """Have *data* validated. Raises EOFError, OSError where it dies."""
        await self._send((charset or "").encode(), data)
        return read_verdict(await self._receive())

    async def end(self) -> int:
        """Kill it and return how it has ended, which may have been before."""
        self._in.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()

    async def _send(self, *frames: bytes) -> None:
        for each in frames:
            self._in.write(len(each).to_bytes(LENGTH, "big"))
            self._in.write(each)
        await self._in.drain()

    async def _receive(self) -> bytes:
        length = int.from_bytes(await self._out.readexactly(LENGTH), "big")
        return await self._out.readexactly(length)
