"""The body of one request on its way out: a bounded part of it in memory, and never half of it that looks whole."""

import asyncio
from collections.abc import AsyncIterator

from adapters.rest.connection import Connection
from gateway.message import Buffer

PIECE = 256 * 1024
SMALL = 4 * 1024
"""Up to here one copy is cheaper than one more write."""


async def pieces(data: bytes) -> AsyncIterator[Buffer]:
    """Yield *data* in parts, so that a store which stops reading is noticed in the middle of a large body."""
    if len(data) <= PIECE:
        yield data
        return
    view = memoryview(data)
    for start in range(0, len(view), PIECE):
        yield view[start : start + PIECE]


class Upload:
    """Sends *head* and *chunks* in a task of its own, waiting after each until the connection takes more.

    *length* is what the head says in Content-Length, None where it announces chunked coding.
    """

    def __init__(self, connection: Connection, head: bytes, chunks: AsyncIterator[Buffer], length: int | None) -> None:
        self._connection = connection
        self._waiting = head
        """Octets that go out together with the next chunk."""
        self._chunks = chunks
        self._length = length
        self._task = asyncio.create_task(self._run())
        self.begun = False
        """The store may have received something of the body."""
        self.broken_off = False
        """The chunks, not the store, failed."""

    async def stop(self) -> None:
        """Return when nothing reads the chunks any more."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            self.broken_off = not await self._send()
        except Exception:  # noqa: BLE001 - whatever the body raises, the request cannot be completed
            self.broken_off = True
        except asyncio.CancelledError:
            self.broken_off = True  # by a body that was given up, or by stop() when nobody asks any more
            raise
        finally:
            if self.broken_off:
                self._connection.abort()

    async def _send(self) -> bool:
        """Return whether the body was as long as it was said to be."""
        remaining = self._length
        while (chunk := await anext(self._chunks, None)) is not None:
            if remaining is not None:
                remaining -= len(chunk)
                # What completes the length is sent only once the body is known to end there: a store would take a body
                # that goes on for the whole.
                if remaining < 0 or (remaining == 0 and await anext(self._chunks, None) is not None):
                    return False
            self.begun = True
            self._write(chunk)
            if remaining == 0:
                break
            await self._connection.drain()
        if not remaining:
            await self._end()
        return not remaining

    def _write(self, chunk: Buffer) -> None:
        before, self._waiting = self._waiting, b""
        if self._length is None and chunk:  # an empty chunk would be the last one (RFC 9112 7.1)
            before, self._waiting = b"%s%x\r\n" % (before, len(chunk)), b"\r\n"
        if len(chunk) <= SMALL:
            self._connection.write(before + chunk)
            return
        if before:
            self._connection.write(before)
        self._connection.write(chunk)

    async def _end(self) -> None:
        self.begun = True
        last = self._waiting + b"0\r\n\r\n" if self._length is None else self._waiting
        if last:
            self._connection.write(last)
        self._connection.end_request()
        await self._connection.drain()
