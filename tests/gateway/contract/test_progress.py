"""A time limit runs only while the peer takes nothing of what was sent."""

import asyncio
import socket

import pytest

from gateway.contract.progress import LOOKS, octets_taken, timeout_without_progress

SECONDS = 0.2


async def test_no_progress() -> None:
    """Without progress the time limit ends the block."""
    with pytest.raises(TimeoutError):
        async with timeout_without_progress(SECONDS, lambda: 0):
            await asyncio.Event().wait()


async def test_progress_is_life() -> None:
    """Progress starts the time limit anew; when it ends, so does the block."""
    looks = iter(range(4 * LOOKS))
    began = asyncio.get_running_loop().time()
    with pytest.raises(TimeoutError):
        async with timeout_without_progress(SECONDS, lambda: next(looks, -1)):
            await asyncio.Event().wait()
    assert 4 * SECONDS < asyncio.get_running_loop().time() - began


async def test_an_end_in_time() -> None:
    """A block that ends in time leaves no timer behind."""
    asked = 0

    def octets() -> int:
        nonlocal asked
        asked += 1
        return asked

    async with timeout_without_progress(60, octets):
        pass
    assert 1 == asked


async def test_octets_taken() -> None:
    """What the peer's TCP acknowledged is counted, on the event loop's own socket too."""
    reading = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        reading.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        sock = writer.get_extra_info("socket")
        before = octets_taken(sock)
        writer.write(bytes(1000))
        await writer.drain()
        async with asyncio.timeout(30):
            while octets_taken(sock) < before + 1000:
                await asyncio.sleep(0.01)
        writer.close()
        await reading.wait()
    assert 0 <= before


def test_no_socket() -> None:
    """Without a TCP socket that is open nothing is known, and that is no failure."""
    one, other = socket.socketpair()
    closed = socket.socket()
    closed.close()
    with one, other:
        assert [0, 0, 0] == [octets_taken(each) for each in (None, one, closed)]
