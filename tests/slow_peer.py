"""A peer that takes data slowly and steadily: its system has a small buffer, and it reads a little at a time."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

BUFFER = 32 * 1024
AT_ONCE = 16 * 1024
PAUSE = 0.05
"""Seconds between two reads: some 320 kB a second."""
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def slow_peer(serve: Serve) -> AsyncIterator[int]:
    """Run a peer that does what *serve* does, with small buffers; yield its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()

    async with await asyncio.start_server(talk, sock=listening, limit=AT_ONCE):
        yield listening.getsockname()[1]


async def read_slowly(reader: asyncio.StreamReader, size: int) -> bytes:
    """Read *size* octets, a little at a time."""
    octets = b""
    while len(octets) < size:
        octets += await reader.readexactly(min(AT_ONCE, size - len(octets)))
        await asyncio.sleep(PAUSE)
    return octets
