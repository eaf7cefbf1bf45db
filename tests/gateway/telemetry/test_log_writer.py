"""The thread and the queue that write log lines."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.telemetry import log_writer as log_writer_module
from gateway.telemetry.log_writer import LogWriter

LINE = "x" * 1023 + "\n"


class Pipe:
    """A pipe and what is read from it."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def fill(self) -> int:
        """Leave no room in it; return how many octets it holds."""
        count = 0
        os.set_blocking(self.writer, False)
        try:
            while True:
                count += os.write(self.writer, b"\0")
        except BlockingIOError:
            os.set_blocking(self.writer, True)
        return count

    def read(self, size: int) -> bytes:
        """Read exactly so many octets."""
        found = b""
        while len(found) < size:
            found += os.read(self.reader, size - len(found))
        return found


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Return a pipe; whichever end a test has not closed is closed afterwards."""
    made = Pipe()
    yield made
    for end in (made.reader, made.writer):
        try:
            os.close(end)
        except OSError:
            continue


def fill(log_writer: LogWriter) -> int:
    """Write until lines are dropped; return how many were written."""
    count = 0
    while not log_writer.dropped:
        log_writer.write(LINE)
        count += 1
    return count


def test_lines_arrive_in_order(pipe: Pipe) -> None:
    """Lines arrive whole and in their order."""
    log_writer = LogWriter(pipe.writer)
    text = [f"line {number} é\n" for number in range(500)]
    for each in text:
        log_writer.write(each)
    whole = "".join(text).encode()
    assert whole == pipe.read(len(whole))


@pytest.mark.parametrize("is_alone", [False, True], ids=["beside others", "alone"])
def test_how_much_at_once(is_alone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write is no larger than what does not mix with those of other processes, unless there are none."""
    monkeypatch.setattr(log_writer_module, "LINGER_SECONDS", 0.2)
    reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)  # each write is a datagram
    with reader, writer:
        log_writer = LogWriter(writer.fileno())
        if is_alone:
            log_writer.write_alone()
        for _ in range(20):
            log_writer.write(LINE)
        sizes: list[int] = []
        while sum(sizes) < 20 * len(LINE):
            sizes.append(len(reader.recv(2**20)))
    assert is_alone == (max(sizes) > log_writer_module.AT_ONCE)
    assert {0} == {size % len(LINE) for size in sizes}


def test_reader_that_stalls(pipe: Pipe) -> None:
    """If nobody reads, write() still returns at once, and lines that do not fit are dropped and counted."""
    held = pipe.fill()
    log_writer = LogWriter(pipe.writer, most_lines=10)
    written = fill(log_writer)
    assert (1, False) == (log_writer.dropped, log_writer.flush(0.01))
    pipe.read(held + (written - 1) * len(LINE))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_has_died(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the thread has died, the next line starts another."""

    def fail(*_: object) -> bool:
        raise MemoryError

    sound = log_writer_module._written
    monkeypatch.setattr(log_writer_module, "_written", fail)
    log_writer = LogWriter(pipe.writer)
    log_writer.write("lost\n")
    assert log_writer._thread is not None
    log_writer._thread.join(60)
    monkeypatch.setattr(log_writer_module, "_written", sound)
    log_writer.write("next\n")
    assert log_writer.flush(60)
    assert b"next\n" == pipe.read(5)


def test_octets_are_bounded(pipe: Pipe) -> None:
    """The queue is bounded in octets: a few very long lines are dropped as well."""
    log_writer = LogWriter(pipe.writer)
    for _ in range(20):
        log_writer.write("x" * 1024 * 1024)
    assert log_writer.dropped >= 10
    os.close(pipe.reader)
    log_writer.flush(30)


def test_dropped_lines_are_told(pipe: Pipe) -> None:
    """Once the reader goes on, it is told how many lines it will never see."""
    told: list[int] = []
    known = threading.Event()
    held = pipe.fill()

    def tell(count: int) -> None:
        told.append(count)
        known.set()

    log_writer = LogWriter(pipe.writer, tell, most_lines=10)
    written = fill(log_writer)
    pipe.read(held + (written - 1) * len(LINE))
    assert (True, [1]) == (known.wait(30), told)


def test_reader_that_is_gone(pipe: Pipe) -> None:
    """If the reader has closed the pipe, nothing is raised, and the lines are counted."""
    os.close(pipe.reader)
    log_writer = LogWriter(pipe.writer)
    log_writer.write(LINE)
    assert (True, 1) == (log_writer.flush(30), log_writer.dropped)


def test_descriptor_that_does_not_block(pipe: Pipe) -> None:
    """Another process may have made the shared descriptor non-blocking: its reader is waited for all the same."""
    os.set_blocking(pipe.writer, False)
    log_writer = LogWriter(pipe.writer)
    for _ in range(200):
        log_writer.write(LINE)
    assert LINE.encode() * 200 == pipe.read(200 * len(LINE))
    assert 0 == log_writer.dropped


def test_full_disk() -> None:
    """If a file cannot be written, lines are lost and the next lines are tried again."""
    descriptor = os.open(Path("/dev/full"), os.O_WRONLY)
    try:
        log_writer = LogWriter(descriptor)
        for expected in (1, 2):
            log_writer.write(LINE)
            assert (True, expected) == (log_writer.flush(30), log_writer.dropped)
    finally:
        os.close(descriptor)
