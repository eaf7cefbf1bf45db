"""Sends the body of one request: a bounded part of it is in memory, and an incomplete body never looks complete."""

import asyncio
from collections.abc import AsyncIterator

from adapters.rest.http.connection import Connection
from gateway.contract.body import Buffer

PIECE = 256 * 1024
GATHERED = 256 * 1024
"""Chunks are collected until one write has this many octets. Otherwise each small PDU of a peer would cost a system
call, an HTTP chunk and a wake-up of the store."""
PATIENCE = 10.0
"""Longest wait, in seconds, for the next chunk when the caller may need the rest of the body."""
HELD = 1024 * 1024
"""Most octets that are kept in memory until the store has confirmed some of them."""


async def pieces(data: bytes) -> AsyncIterator[Buffer]:
    """Yield *data* in parts, so that a store which stops reading is noticed in the middle of a large body."""
    if len(data) <= PIECE:
        yield data
        return
    view = memoryview(data)
    for start in range(0, len(view), PIECE):
        yield view[start : start + PIECE]


class Upload:
    """Sends *head* and *chunks* in a task of its own, GATHERED octets at a time, as fast as the connection takes them.

    *length* is the Content-Length in the head, None if it announces chunked coding.

    The store may have closed the connection already, above all if it was idle. So what is sent is kept in memory until
    the store has confirmed a part of it, and can be sent again on another connection although the chunks cannot be
    read twice.
    """

    def __init__(self, connection: Connection, head: bytes, chunks: AsyncIterator[Buffer], length: int | None) -> None:
        self._connection = connection
        self._held: list[Buffer] | None = []
        self._held_octets = 0
        self._waiting = head
        """Octets to be written before the next chunk."""
        self._gathered: list[Buffer] = []
        self._octets = 0
        self._chunks = chunks
        self._length = length
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run())
        self._ended = self._is_waiting = self._is_stopped = False
        self.begun = False
        """Whether the store may have received a part of the body."""
        self.broken_off = False
        """Whether the chunks, not the store, failed."""

    @property
    def movable(self) -> bool:
        """Whether all that was sent so far is still in memory."""
        return self._held is not None and not self.broken_off

    def move(self, connection: Connection) -> None:
        """Send everything again on another *connection*; on the one before, the store has received nothing of it."""
        before, held = self._connection, self._held
        self._connection, self._held = connection, None
        if held is None or self.broken_off:  # broken_off: while the other connection was opened; held is never None
            connection.abort()
            return
        connection.write_all(held)
        if self._ended:
            connection.end_request()
        before.resume_writing()  # the chunks wait in drain() of the connection that has ended

    async def stop(self, *, gently: bool = False) -> None:
        """Stop reading the chunks, and return when the task has ended.

        To cancel the task while it waits for a chunk ends the iterator of the chunks. With *gently*, for a caller that
        may need the rest of them, the next chunk is awaited first; it is not sent.
        """
        if self._task.done():
            return
        self._is_stopped = True
        try:
            if gently and self._is_waiting:
                await asyncio.wait([self._task], timeout=PATIENCE)
        finally:
            self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            self.broken_off = not await self._send()
        except Exception:  # noqa: BLE001 - whatever the body raises, the request cannot be completed
            self.broken_off = True
        except asyncio.CancelledError:
            self.broken_off = True  # the body was given up, or stop() cancelled the task after the reply
            raise
        finally:
            if self.broken_off:
                self._connection.abort()

    async def _send(self) -> bool:
        """Send the body; return whether it was as long as the head says."""
        remaining = self._length
        while (chunk := await self._next()) is not None:
            if self._is_stopped:
                return True
            if remaining is not None:
                remaining -= len(chunk)
                # The chunk that completes the length is sent only once the body is known to end there: a store would
                # take the beginning of a longer body for a complete one.
                if remaining < 0 or (remaining == 0 and await self._next() is not None):
                    return False
            if self._octets + len(chunk) >= GATHERED:
                await self._connection.look()
            self.begun = True
            self._gather(chunk)
            if remaining == 0:
                break
            await self._connection.drain()
        if not remaining:
            await self._end()
        return not remaining

    async def _next(self) -> Buffer | None:
        self._is_waiting = True
        chunk = await anext(self._chunks, None)
        self._is_waiting = False
        return chunk

    def _gather(self, chunk: Buffer) -> None:
        """Keep *chunk* for the write in the loop's next turn, or write now if there are enough octets."""
        if not chunk:  # an empty HTTP chunk would end the body (RFC 9112 7.1)
            return
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(chunk)
        self._octets += len(chunk)
        if self._octets >= GATHERED:
            self._flush()

    def _flush(self) -> None:
        if not self._gathered:
            return
        before, gathered = self._waiting, self._gathered
        if self._length is None:
            before, self._waiting = b"%b%x\r\n" % (before, self._octets), b"\r\n"
        else:
            self._waiting = b""
        self._gathered, self._octets = [], 0
        self._write([before, *gathered] if before else gathered)

    async def _end(self) -> None:
        self.begun = True
        self._flush()
        last = self._waiting + b"0\r\n\r\n" if self._length is None else self._waiting
        if last:
            self._write([last])
        self._ended = True
        self._connection.end_request()
        await self._connection.drain()

    def _write(self, parts: list[Buffer]) -> None:
        if self._held is not None:
            self._hold(self._held, parts)
        self._connection.write_all(parts)

    def _hold(self, held: list[Buffer], parts: list[Buffer]) -> None:
        self._held_octets += sum(map(len, parts))
        # On a connection that has ended, drain() never returns: no more than this comes, and no more is confirmed.
        if not self._connection.ended and (self._held_octets > HELD or (held and self._connection.is_heard())):
            self._held = None
        else:
            held += parts
