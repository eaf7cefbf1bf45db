"""The body of one request on its way out: a bounded part of it in memory, and never half of it that looks whole."""

import asyncio
from collections.abc import AsyncIterator

from adapters.rest.http.connection import Connection
from gateway.contract.body import Buffer

PIECE = 256 * 1024
GATHERED = 256 * 1024
"""Octets of chunks that go out in one write at most, but for the last of them. What a peer sends in small PDUs would
else cost a system call, a chunk of HTTP and a wake-up of the store for each."""
PATIENCE = 10.0
"""Seconds for which the next chunk is awaited where somebody may want the rest of them."""
HELD = 1024 * 1024
"""Octets at most that are held until the store has confirmed some of them."""


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

    *length* is what the head says in Content-Length, None where it announces chunked coding.

    The store may have hung up before, most of all on a connection that was idle. Therefore what is sent is held until
    the store has confirmed a part of it, and can be sent once more on another connection although the chunks have
    passed by.
    """

    def __init__(self, connection: Connection, head: bytes, chunks: AsyncIterator[Buffer], length: int | None) -> None:
        self._connection = connection
        self._held: list[Buffer] | None = []
        self._held_octets = 0
        self._waiting = head
        """Octets that go out before the next chunk."""
        self._gathered: list[Buffer] = []
        self._octets = 0
        self._chunks = chunks
        self._length = length
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run())
        self._ended = self._is_waiting = self._is_stopped = False
        self.begun = False
        """The store may have received something of the body."""
        self.broken_off = False
        """The chunks, not the store, failed."""

    @property
    def movable(self) -> bool:
        """Whether all that was sent so far is still there."""
        return self._held is not None and not self.broken_off

    def move(self, connection: Connection) -> None:
        """Send it all on another *connection*, where the one before has ended without hearing of it."""
        before, held = self._connection, self._held
        self._connection, self._held = connection, None
        if held is None or self.broken_off:  # the second while the other connection was opened, the first never
            connection.abort()
            return
        connection.write_all(held)
        if self._ended:
            connection.end_request()
        before.resume_writing()  # which has held up the chunks

    async def stop(self, *, gently: bool = False) -> None:
        """Return when nothing reads the chunks any more.

        Cancelling what waits for a chunk ends the chunks. Where somebody may want the rest of them the next one is
        awaited, *gently*, and not sent.
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
            self.broken_off = True  # by a body that was given up, or by stop() when nobody asks any more
            raise
        finally:
            if self.broken_off:
                self._connection.abort()

    async def _send(self) -> bool:
        """Return whether the body was as long as it was said to be."""
        remaining = self._length
        while (chunk := await self._next()) is not None:
            if self._is_stopped:
                return True
            if remaining is not None:
                remaining -= len(chunk)
                # What completes the length is sent only once the body is known to end there: a store would take a body
                # that goes on for the whole.
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
        """Keep *chunk* for the write that goes out at the loop's next turn, or now if that is enough for one."""
        if not chunk:  # an empty one would be the last one (RFC 9112 7.1)
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
        # On a connection that has ended drain() lets no more come than this, and nothing is heard any more.
        if not self._connection.ended and (self._held_octets > HELD or (held and self._connection.is_heard())):
            self._held = None
        else:
            held += parts
