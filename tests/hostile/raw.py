"""Sockets that do what no peer should. Each attack is bounded in count and time, and leaves nothing open."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

ADDRESSES = tuple(f"127.0.9.{number}" for number in range(1, 5))
"""Where hostile peers come from."""
SECONDS = 40
"""The longest that one step of an attack may take: then the peer gives up."""
PIECE = 1 << 16


class Stranger:
    """One hostile connection. What the gateway does to it is never an error here: being cut off is to be expected."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.is_cut_off = False
        """Whether the gateway has reset the connection."""

    async def send(self, octets: bytes, seconds: float = SECONDS) -> bool:
        """Write; return False when the gateway has closed or takes nothing more within *seconds*."""
        try:
            async with asyncio.timeout(seconds):
                for at in range(0, len(octets), PIECE):
                    self._writer.write(octets[at : at + PIECE])
                    await self._writer.drain()
        except ConnectionError:
            self.is_cut_off = True
        except TimeoutError:
            return False
        return not self.is_cut_off

    def end(self) -> None:
        """Close our side only."""
        with suppress(OSError):
            self._writer.write_eof()

    async def read_all(self, is_over: Callable[[bytes], bool] = lambda _: False) -> bytes:
        """Return everything until it *is_over* or the gateway closes, or what has come within the time."""
        received = b""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(SECONDS):
                while not is_over(received) and (octets := await self._reader.read(PIECE)):
                    received += octets
        return received

    async def read_until(self, ending: bytes, count: int) -> int:
        """Read until *ending* has come *count* times; return how often it did."""
        seen, tail = 0, b""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(SECONDS):
                while seen < count and (octets := await self._reader.read(PIECE)):
                    seen += (tail + octets).count(ending)
                    tail = (tail + octets)[-len(ending) + 1 :]
        return seen


@asynccontextmanager
async def stranger(port: int, number: int = 0, *, receive_buffer: int = 0) -> AsyncIterator[Stranger]:
    """Connect from one of the hostile ADDRESSES; reset the connection at the end."""
    sock = socket.socket()
    sock.setblocking(False)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.bind((ADDRESSES[number % len(ADDRESSES)], 0))
    async with asyncio.timeout(SECONDS):
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 20)
    try:
        yield Stranger(reader, writer)
    finally:
        writer.transport.abort()


async def crowd(count: int, act: Callable[[int], Awaitable[None]], at_once: int = 50) -> None:
    """Have *count* strangers act, so many at once."""
    places = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with places:
            await act(number)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


def noise(size: int, seed: int) -> bytes:
    """Return octets that are random and every time the same."""
    return random.Random(seed).randbytes(size)
