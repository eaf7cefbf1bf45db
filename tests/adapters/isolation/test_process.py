"""A process that ends or hangs costs its order, and the next one is done by another process."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from adapters.isolation import process as module
from adapters.isolation.child import READY, limit, prepare
from adapters.isolation.process import ClosedError, IsolatedProcess, LostError, NoProcessError


def run(connection: Connection, suffix: str) -> None:
    """Do what an order says."""
    prepare()
    connection.send(READY)
    while True:
        try:
            order = connection.recv()
        except EOFError:
            return
        if order == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if order == "hang":
            threading.Event().wait()
        if order == "limit":
            limit(0.05)
            threading.Event().wait()
        if order == "octets":
            connection.send(connection.recv_bytes())
        elif order == "pid":
            connection.send(os.getpid())
        else:
            connection.send(order + suffix)


def never(connection: Connection) -> None:
    """End before it is ready."""
    raise SystemExit(1)


def mute(connection: Connection) -> None:
    """Start, and say nothing."""
    threading.Event().wait()


@contextmanager
def isolated() -> Iterator[IsolatedProcess]:
    """Yield a process, which is ended afterwards."""
    process = IsolatedProcess(run, "!")
    try:
        yield process
    finally:
        process.close()
        assert not process.is_running


def test_orders() -> None:
    """One process does one order after another; it is started with the first, and octets come as they are."""
    with isolated() as process:
        assert not process.is_running
        assert "hello!" == process.ask("hello")
        pid = process.ask("pid")
        assert bytes(70_000) == process.ask("octets", octets=bytearray(70_000))
        assert pid == process.ask("pid") != os.getpid()


def test_crash() -> None:
    """A crash is told with its signal, and the next order is done."""
    with isolated() as process:
        with pytest.raises(LostError) as lost:
            process.ask("crash")
        assert (False, -signal.SIGSEGV) == (lost.value.has_hung, lost.value.status)
        assert "hello!" == process.ask("hello")


@pytest.mark.parametrize(("order", "seconds"), [("hang", 0.1), ("limit", None)])
def test_hang(order: str, seconds: float | None) -> None:
    """One that takes too long is killed, by this process or by itself."""
    with isolated() as process:
        process.ask("hello")
        with pytest.raises(LostError) as lost:
            process.ask(order, seconds)
        assert lost.value.has_hung
        assert "hello!" == process.ask("hello")


def test_killed_between_two_orders() -> None:
    """One that has ended while it had nothing to do is replaced, and the order knows nothing of it."""
    with isolated() as process:
        pid = process.ask("pid")
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and is not reaped here
        assert pid != process.ask("pid")


def test_close() -> None:
    """Who waits for the process when it is closed hears so at once, and it does not count as a crash."""
    process = IsolatedProcess(run, "!")
    process.ask("hello")
    found: list[Exception] = []

    def wait() -> None:
        try:
            process.ask("hang")
        except (LostError, ClosedError) as error:
            found.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    process.close()
    waiting.join(60)
    assert [ClosedError] == list(map(type, found))
    with pytest.raises(ClosedError):
        process.ask("hello")
    assert not process.is_running


@pytest.mark.parametrize("target", [never, mute])
def test_no_start(target: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not start is no fault of the order."""
    monkeypatch.setattr(module, "STARTING", 60 if target is never else 0.1)
    process = IsolatedProcess(target)
    with pytest.raises(NoProcessError, match="does not start"):
        process.ask("hello")
    assert not process.is_running


def test_no_descriptors_are_left() -> None:
    """Neither crashes nor starts leave pipes open."""
    with isolated() as process:
        process.ask("hello")
        before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc").is_dir() else 0
        for _ in range(2):
            with pytest.raises(LostError):
                process.ask("crash")
        process.ask("hello")
        if before:
            assert before == len(list(Path("/proc/self/fd").iterdir()))
