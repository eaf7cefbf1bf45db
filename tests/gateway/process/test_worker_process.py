"""One worker, as its supervisor sees it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.app import Assignment
from gateway.config import loading as config
from gateway.contract.errors import ConfigError
from gateway.process.worker_process import WorkerProcess
from gateway.spool.inheritance import NOBODY
from tests.running import relay

TEXT = relay("kind: mllp, port: 0", 'kind: http, url: "http://127.0.0.1:1/"')


def spawn(text: str = TEXT) -> WorkerProcess:
    """Start a worker."""
    return WorkerProcess.spawn(1, config.parse(text), "json", "error", Assignment(admin_token="token"))


@asynccontextmanager
async def running() -> AsyncIterator[WorkerProcess]:
    """Yield a worker that is ready; end it afterwards."""
    process = spawn()
    try:
        await process.ready()
        yield process
    finally:
        process.kill()
        await process.ended()


async def until_silence(process: WorkerProcess, holds: Callable[[float], bool]) -> None:
    """Look again and again until *holds* of the silence."""
    async with asyncio.timeout(60):
        while not holds(process.look(0.05)):
            await asyncio.sleep(0.05)


async def test_ready() -> None:
    """A worker that has bound its listeners has an admin port, and ends on request."""
    process = spawn()
    await process.ready()
    assert process.admin is not None
    assert process.admin.port > 0
    process.terminate()
    assert 0 == await process.ended()


async def test_a_heir_answers() -> None:
    """A worker is told whose successor it is, and reports when it has looked for their spools."""
    async with running() as process, asyncio.timeout(60):
        for numbers in (frozenset({2, 3}), NOBODY):
            process.inherit(numbers)
            while process.estate.looked != numbers:
                await asyncio.sleep(0.01)


async def test_a_heir_that_has_died() -> None:
    """What is sent to a worker that has died is lost without harm."""
    async with running() as process:
        process.kill()
        await until_silence(process, lambda silence: silence > 0.5)
        process.inherit(frozenset({2}))


async def test_problems() -> None:
    """A worker that cannot start says why."""
    process = spawn(TEXT.replace("mllp, port: 0", "mllp, port: 0, host: 192.0.2.1"))
    with pytest.raises(ConfigError, match=r"listeners\.in: cannot bind 192\.0\.2\.1"):
        await process.ready()
    assert 2 == await process.ended()


async def test_end_before_it_is_ready() -> None:
    """A worker that dies while it starts is noticed."""
    process = spawn()
    process.kill()
    with pytest.raises(EOFError):
        await process.ready()
    assert -signal.SIGKILL == await process.ended()


@pytest.mark.slow
async def test_hang_is_noticed() -> None:
    """A worker that is stopped sends no heartbeat; once it continues, it does."""
    async with running() as process:
        assert process.pid is not None
        await until_silence(process, lambda silent: not silent)
        os.kill(process.pid, signal.SIGSTOP)
        await until_silence(process, lambda silent: silent > 2)
        assert process.admin is not None
        assert process.admin.silent_seconds > 2
        os.kill(process.pid, signal.SIGCONT)
        await until_silence(process, lambda silent: not silent)


async def test_failed_spawn_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the system refuses to start a process, no descriptor leaks."""

    def refuse(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    monkeypatch.setattr("multiprocessing.util.spawnv_passfds", refuse)
    with pytest.raises(OSError, match="Cannot allocate memory"):
        spawn()
    before = descriptors()
    for _ in range(5):
        with pytest.raises(OSError, match="Cannot allocate memory"):
            spawn()
    assert before == descriptors()
