"""A store that does exactly what a test says, down to the bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Return an HTTP response; *status* is ``503 Service Unavailable`` or the like."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


SILENCE = b"silence"
"""Read the request and never answer."""
HANG_UP = b""
"""Read the request's beginning and close the connection."""


class RawStore:
    """Answers every request with the same bytes."""

    def __init__(self, reply: bytes) -> None:
        self._reply = reply
        self.requests = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            if self._reply not in (HANG_UP, SILENCE):
                await _read_body(reader, head)
            if self._reply == SILENCE:
                await reader.read()
            elif self._reply:
                writer.write(self._reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    if b"content-length" in fields:
        await reader.readexactly(int(fields[b"content-length"]))
    elif b"transfer-encoding" in fields:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()


@asynccontextmanager
async def raw_store(reply: bytes) -> AsyncIterator[RawStore]:
    """Serve *reply* on a free port."""
    store = RawStore(reply)
    server = await asyncio.start_server(store.serve, "127.0.0.1", 0)
    store.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        yield store
