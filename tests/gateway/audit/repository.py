"""An audit record repository of the test's own: a syslog receiver over TCP or TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.gateway.audit.syslog_reader import SyslogMessage, read_message


class Repository:
    """Takes frames as they arrive."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[SyslogMessage] = []
        self.connections = 0
        self._arrived = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read the frames of one connection."""
        self.connections += 1
        self._writers.add(writer)
        try:
            while length := await reader.readuntil(b" "):
                self.messages.append(read_message(await reader.readexactly(int(length))))
                self._arrived.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self._writers.discard(writer)

    async def received(self, count: int) -> list[SyslogMessage]:
        """Wait until *count* messages are there and return all."""
        async with asyncio.timeout(60):
            while len(self.messages) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.messages

    def hang_up(self) -> None:
        """Say goodbye on every connection."""
        for writer in self._writers:
            writer.close()

    async def end(self) -> None:
        """Cut every connection off."""
        async with asyncio.timeout(60):
            while self._writers:
                for writer in self._writers:
                    writer.transport.abort()
                await asyncio.sleep(0.01)


@asynccontextmanager
async def repository(context: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Repository]:
    """Listen on the loopback address."""
    found = Repository()
    server = await asyncio.start_server(found.take, "127.0.0.1", port, ssl=context)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await found.end()
        await server.wait_closed()
