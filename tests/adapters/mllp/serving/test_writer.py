"""Sending the answers, over a transport whose peer does as the test says."""

import asyncio
import socket
import struct
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from adapters.mllp.framing import frame
from adapters.mllp.serving.report import Report
from adapters.mllp.serving.writer import AnswerWriter
from gateway.contract.meter import Rejection
from tests.adapters.mllp.fakes import FakeMeter


class Transport(asyncio.Transport):
    """Remembers what is written in which turn of the event loop."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__({"socket": sock})
        self.writes: list[bytes] = []
        self.turns: list[int] = []
        self.aborted = asyncio.Event()
        self.closing = False
        self._turn = 0
        self._count()

    def _count(self) -> None:
        self._turn += 1
        asyncio.get_running_loop().call_soon(self._count)

    def can_write_eof(self) -> bool:
        """Like TCP."""
        return True

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Take no notice."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Remember."""
        self.writes.append(bytes(data))
        self.turns.append(self._turn)

    def is_closing(self) -> bool:
        """Whether it is."""
        return self.closing

    def abort(self) -> None:
        """Remember."""
        self.aborted.set()


class Case:
    """A writer and what it has to do with."""

    def __init__(self, sock: socket.socket) -> None:
        self.transport = Transport(sock)
        self.lost = asyncio.Event()
        self.meter = FakeMeter()

    def writer(self, seconds: float = 60) -> AnswerWriter:
        """Return a writer that gives up after *seconds*."""
        return AnswerWriter(self.transport, seconds, self.lost, Report(self.meter, "adt", "127.0.0.1:1"))


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    """Return a socket for the options."""
    with socket.socket() as made:
        yield made


@pytest.fixture
async def case(sock: socket.socket) -> Case:
    """Return a case on the loop of the test."""
    return Case(sock)


async def test_each_in_its_own_turn(case: Case) -> None:
    """Every answer is a write of its own, and between two of them the event loop turns."""
    assert await case.writer().send([b"one", b"two", b"three"])
    assert [frame(each) for each in (b"one", b"two", b"three")] == case.transport.writes
    assert 3 == len(set(case.transport.turns))


async def begun(sending: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
    """Return a task that has come to where it waits."""
    task = asyncio.create_task(sending)
    for _ in range(5):
        await asyncio.sleep(0)
    return task


async def test_peer_that_reads_late(case: Case) -> None:
    """While the peer does not read, the next answer waits."""
    writer = case.writer()
    writer.pause()
    task = await begun(writer.send([b"one", b"two"]))
    assert ([frame(b"one")], False) == (case.transport.writes, task.done())
    writer.resume()
    assert await task
    assert 2 == len(case.transport.writes)


async def test_peer_that_leaves(case: Case) -> None:
    """An answer that the peer did not read before it left has not gone out, and none is written behind it."""
    writer = case.writer()
    writer.pause()
    task = await begun(writer.send([b"one", b"two"]))
    case.lost.set()
    writer.resume()
    assert not await task
    assert [frame(b"one")] == case.transport.writes


async def test_peer_that_never_reads(case: Case, sock: socket.socket) -> None:
    """A peer that does not read is given up with a reset, so that the system does not keep what it has not read."""
    case.writer(0.01).pause()
    await asyncio.wait_for(case.transport.aborted.wait(), 60)
    assert [Rejection.WRITE_TIMEOUT] == case.meter.rejections
    assert (1, 0) == struct.unpack("ii", sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))


async def test_peer_that_reads_in_time(case: Case) -> None:
    """The clock stops when the peer reads."""
    writer, passed = case.writer(0.01), asyncio.Event()
    writer.pause()
    writer.resume()
    asyncio.get_running_loop().call_later(0.03, passed.set)
    await passed.wait()
    assert not case.transport.aborted.is_set()


@pytest.mark.parametrize(("blocks", "sent"), [([], True), ([b"one"], False)], ids=["no answer", "an answer"])
async def test_closing(case: Case, blocks: list[bytes], sent: bool) -> None:
    """What is written while the connection closes has not gone out; where no answer is wanted, nothing is missing."""
    case.transport.closing = True
    assert sent is await case.writer().send(blocks)
