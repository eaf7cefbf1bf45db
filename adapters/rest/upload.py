"""The body of one request on its way out: a bounded part of it in memory, and never half of it that looks whole.

aiohttp writes a body in a task of its own, which it cancels but does not await, and closes a connection by flushing
what is left. Two things follow that :meth:`Upload.settle` puts right: nothing may still be reading the message when its
delivery is over, and a store that has stopped reading must not keep the socket of every request that gave up on it.
"""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from gateway.message import Buffer

PIECE = 256 * 1024


async def pieces(data: bytes) -> AsyncIterator[Buffer]:
    """Yield *data* in parts, so that a store which stops reading is noticed in the middle of a large body."""
    if len(data) <= PIECE:
        yield data
        return
    view = memoryview(data)
    for start in range(0, len(view), PIECE):
        yield view[start : start + PIECE]


class Upload(aiohttp.Payload):
    """Writes *chunks*, waiting after each until the connection takes more.

    *silence* is armed with *read_seconds* while it is the store's turn (to take a chunk, to reply) and never while it
    is the peer's (to send one).
    """

    def __init__(
        self, chunks: AsyncIterator[Buffer], length: int | None, silence: asyncio.Timeout, read_seconds: float
    ) -> None:
        super().__init__(chunks)
        self._size = length
        self._chunks = chunks
        self._silence = silence
        self._read_seconds: float | None = read_seconds
        self._task: asyncio.Task[object] | None = None
        self._transport: asyncio.BaseTransport | None = None
        self.begun = False
        """The store may have received something."""
        self.whole = False
        """All of the body was handed to the connection."""
        self.broken_off = False
        """The chunks, not the store, failed."""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002 - aiohttp's signature
        """Refuse: aiohttp calls this for debugging only, and the text would be the message."""
        raise TypeError("the body of a message has no text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the body; called by aiohttp in a task of its own."""
        self._task = asyncio.current_task()
        self._transport = writer.transport
        remaining = self._size
        while (chunk := await self._next_chunk()) is not None:
            if remaining is not None:
                remaining -= len(chunk)
                await self._check_end(remaining)
            self.begun = True
            self._arm(self._read_seconds)
            await writer.write(chunk)
            self._arm(None)
        if remaining:
            raise self._break_off()
        self.begun = self.whole = True
        self._arm(self._read_seconds)

    async def _next_chunk(self) -> Buffer | None:
        try:
            return await anext(self._chunks, None)
        except Exception:
            self.broken_off = True
            raise

    async def _check_end(self, remaining: int) -> None:
        # Beyond Content-Length aiohttp drops the rest in silence, and the store would take a truncated body. So what
        # completes the length is sent only once the body is known to end there.
        if remaining < 0 or (remaining == 0 and await self._next_chunk() is not None):
            raise self._break_off()

    def _break_off(self) -> ValueError:
        self.broken_off = True
        return ValueError("the body is not as long as it was said to be")

    def _arm(self, seconds: float | None) -> None:
        if not self._silence.expired():
            loop = asyncio.get_running_loop()
            self._silence.reschedule(None if seconds is None else loop.time() + seconds)

    def stop_waiting(self) -> None:
        """Disarm *silence* for good: the reply has begun, perhaps before the body has ended."""
        self._read_seconds = None
        self._arm(None)

    async def settle(self, *, keep_connection: bool) -> None:
        """Return when nothing reads the chunks any more; without *keep_connection* also drop what is still unsent."""
        if self._transport is not None and not (keep_connection and self.whole):
            # abort() rather than close(): close() waits until the store has read what is buffered, perhaps for ever.
            self._transport.abort()  # type: ignore[attr-defined]
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        if (close := getattr(self._chunks, "aclose", None)) is not None:
            await close()
