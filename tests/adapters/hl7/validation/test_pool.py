"""Validation processes: replaced when they die, and never in the way of the loop."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from adapters.hl7.validation import pool as pool_module
from adapters.hl7.validation.checks import Checks
from adapters.hl7.validation.orders import Order, Verdict
from adapters.hl7.validation.pool import NotValidatedError, TookTooLongError, Validating, Validators
from gateway.contract.errors import ConfigError
from gateway.contract.outcome import Finding

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER = Order(None, Checks(), (), 60)
ADT = b"MSH|^~\\&|A|B|C|D|20240101||ADT^A01|C1|P|2.5\rEVN||20240101\rPID|1||1||A\rPV1|1|I\r"
GOOD = Verdict()
BAD = Verdict(1, (Finding("101", "PID-5 is required and missing", "PID^1^5^1"),))
LONG = ADT.replace(b"ADT^A01", b"ORU^R01") + b"OBX|1|NM|X||5||||||F\r" * 10_000
"""Keeps a process busy for a while."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[Validators]:
    """Share one pool of one process."""
    async with Validators("check", ORDER, b"", 1) as validators:
        yield validators


async def process_of(validators: Validators) -> Validating:
    """Return the process that is idle."""
    process = await validators._places.get()
    validators._places.put_nowait(process)
    assert process is not None
    return process


async def test_verdicts(pool: Validators) -> None:
    """Many messages at once get each its own verdict."""
    wrong = ADT.replace(b"||A\r", b"\r")
    verdicts = await asyncio.gather(*(pool.verdict(each, None) for each in [ADT, wrong] * 20))
    assert [GOOD, BAD] * 20 == verdicts


async def test_the_loop_goes_on_meanwhile(pool: Validators) -> None:
    """The event loop runs while a message is validated."""
    task = asyncio.create_task(pool.verdict(LONG, None))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert (await task).count > 0
    assert turns > 10


async def test_a_process_that_dies_between_messages(pool: Validators) -> None:
    """A process that dies is replaced."""
    first = await process_of(pool)
    os.kill(first.pid, signal.SIGKILL)
    assert GOOD == await pool.verdict(ADT, None)
    assert first.pid != (await process_of(pool)).pid


async def test_a_process_that_has_died_long_ago(pool: Validators) -> None:
    """A process whose end the event loop has noticed already is replaced as well."""
    first = await process_of(pool)
    os.kill(first.pid, signal.SIGKILL)
    await first._process.wait()
    while not first._in.is_closing():
        await asyncio.sleep(0)
    assert GOOD == await pool.verdict(ADT, None)
    assert first.pid != (await process_of(pool)).pid


async def test_a_process_that_dies_in_the_middle(pool: Validators) -> None:
    """If a process dies, its message and the waiting ones are validated by another."""
    expected = await pool.verdict(LONG, None)
    first = await process_of(pool)
    tasks = [asyncio.create_task(pool.verdict(each, None)) for each in (LONG, ADT, ADT)]
    await asyncio.sleep(0)
    while not pool._busy:
        await asyncio.sleep(0)
    os.kill(first.pid, signal.SIGKILL)
    with capture_logs() as logs:
        assert [expected, GOOD, GOOD] == await asyncio.gather(*tasks)
    assert [("validation_process_died", -signal.SIGKILL)] == [(each["event"], each["status"]) for each in logs]


@pytest.mark.slow
async def test_the_status_of_a_process_that_ends_by_itself() -> None:
    """The status is the process's own, however soon after its end it is asked for; asyncio gave 255 for some."""
    statuses = set()
    for _ in range(300):
        process = await asyncio.create_subprocess_exec(
            "sleep", "100", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
        assert process.stdout is not None
        process.send_signal(signal.SIGPROF)
        await process.stdout.read()
        statuses.add(await Validating(process).end())
    assert {-signal.SIGPROF} == statuses


async def test_who_is_cancelled_leaves_the_process_to_the_next(pool: Validators) -> None:
    """A verdict that nobody waits for any more is not taken for that of the next message."""
    first = await process_of(pool)
    task = asyncio.create_task(pool.verdict(ADT.replace(b"||A\r", b"\r"), None))
    waiting = asyncio.create_task(pool.verdict(ADT, None))
    while not pool._busy:
        await asyncio.sleep(0)
    task.cancel()
    waiting.cancel()
    assert GOOD == await pool.verdict(ADT, None)
    assert first.pid == (await process_of(pool)).pid


async def test_a_message_that_takes_too_long() -> None:
    """The system ends the process; the message is not tried again, and the next one finds another process."""
    async with Validators("check", Order(None, Checks(), (), 0.1), b"", 1) as validators:
        with capture_logs() as logs, pytest.raises(TookTooLongError):
            await validators.verdict(LONG, None)
        assert [] == logs
        assert GOOD == await validators.verdict(ADT, None)


async def test_a_process_that_is_stopped(pool: Validators, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without an answer for too long is killed, and its message given to another."""
    monkeypatch.setattr(pool_module, "WALL_SECONDS", 0.0)
    monkeypatch.setattr(pool_module, "WALL_FACTOR", 0.02)
    first = await process_of(pool)
    os.kill(first.pid, signal.SIGSTOP)
    while True:  # on a busy machine the next one may be too slow as well
        try:
            assert GOOD == await pool.verdict(ADT, None)
            break
        except NotValidatedError:
            continue
    assert first.pid != (await process_of(pool)).pid


async def test_processes_that_do_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """After three dead processes the message has no verdict, and the place in the pool is free again."""
    async with Validators("check", ORDER, b"", 1) as validators:
        process = await process_of(validators)
        monkeypatch.setattr(pool_module, "_COMMAND", (sys.executable, "-c", "0"))
        os.kill(process.pid, signal.SIGKILL)
        for _ in range(2):
            with pytest.raises(NotValidatedError):
                await validators.verdict(ADT, None)
        monkeypatch.undo()
        assert GOOD == await validators.verdict(ADT, None)


async def test_a_process_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that does not start is an error when the step is opened."""
    monkeypatch.setattr(pool_module, "_COMMAND", (sys.executable, "-c", "0"))
    with pytest.raises(ConfigError, match=r"^steps.check: a process that validates messages does not start"):
        await Validators("check", ORDER, b"", 1).__aenter__()


async def test_the_end() -> None:
    """Processes end with the step, also those that are busy."""
    async with Validators("check", ORDER, b"", 2) as validators:
        busy = await process_of(validators)
        task = asyncio.create_task(validators.verdict(LONG, None))
        while not validators._busy:
            await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(busy.pid, 0)


async def test_nothing_is_inherited() -> None:
    """The processes inherit no listening socket of the daemon, not even an inheritable one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        server.set_inheritable(True)
        async with Validators("check", ORDER, b"", 1):
            server.close()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(address)


async def test_memory_runs_out_there_first(pool: Validators) -> None:
    """If memory runs out, the system ends a validation process before the daemon."""
    path = Path(f"/proc/{(await process_of(pool)).pid}/oom_score_adj")
    assert "1000" == path.read_text().strip()


async def test_the_daemon_is_killed(pool: Validators) -> None:
    """A process whose daemon is gone ends by itself: its input has ended."""
    process = await Validating.start()
    await process.prepare(ORDER, b"")
    process._in.close()
    assert 0 == await process._process.wait()
