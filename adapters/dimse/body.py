"""The body of an instance that is still arriving: a bounded window between the socket and the store."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from gateway.contract.body import Buffer
from gateway.contract.errors import LocalProtocolError

# Memory that a fragment takes beside its octets. If it did not count, single octets could exceed the window many times.
FRAGMENT_COST = 512


class IncomingBody:
    """A gateway ``Body``: the connection feeds it, one consumer takes it.

    *pause* and *resume* are called when the peer has to wait, and when it may go on; *holds* is called with the octets
    that are held. The fragments are views of what the socket gave; they are handed on as they are.
    """

    def __init__(
        self,
        header: bytes,
        window: int,
        pause: Callable[[], None],
        resume: Callable[[], None],
        holds: Callable[[int], None] | None = None,
    ) -> None:
        self.received = 0
        """Octets of the data set so far."""
        self.is_consumed = False
        """Whether the consumer has seen the end."""
        self._ready: deque[Buffer] = deque([header])
        self._held = 0
        self._window = window
        self._pause, self._resume = pause, resume
        self._holds = holds
        self._is_paused = self._is_ended = self._is_discarded = self._is_taken = False
        self._wanted: asyncio.Future[None] | None = None  # the consumer waits on it

    @property
    def length(self) -> None:
        """Not known before the last fragment."""
        return

    @property
    def replayable(self) -> bool:
        """Always false: fragments are not kept after the consumer has taken them."""
        return False

    def feed(self, data: memoryview) -> None:
        """Add a fragment; pauses the peer when the window is full."""
        self.received += len(data)
        if self._is_discarded or not data:  # an empty chunk would end a chunked HTTP request
            return
        self._ready.append(data)
        self._held += len(data) + FRAGMENT_COST
        if self._held > self._window and not self._is_paused:
            self._is_paused = True
            self._pause()
        if self._holds is not None:
            self._holds(self._held)
        self._wake()

    def finish(self) -> None:
        """Say that the data set is complete."""
        self._is_ended = True
        self._wake()

    def discard(self) -> None:
        """Drop what is held and what will come, since nobody needs it. A consumer that still waits is cancelled."""
        self._is_discarded = True
        self._ready.clear()
        self._held = 0
        if self._holds is not None:
            self._holds(0)
        self._let_peer_go_on()
        if self._wanted is not None and not self._wanted.done():
            self._wanted.cancel()

    async def chunks(self) -> AsyncIterator[Buffer]:
        """Yield the Part 10 header, then the fragments as they arrive. May be called once."""
        if self._is_taken:
            raise LocalProtocolError("the body of an arriving instance can be read only once")
        self._is_taken = True
        while True:
            while self._ready:
                yield self._next()
            if self._is_discarded:
                raise asyncio.CancelledError
            if self._is_ended:
                break
            self._wanted = asyncio.get_running_loop().create_future()
            await self._wanted
        self.is_consumed = True

    def _next(self) -> Buffer:
        chunk = self._ready.popleft()
        if isinstance(chunk, memoryview):
            self._held -= len(chunk) + FRAGMENT_COST
            if self._holds is not None:
                self._holds(self._held)
        if self._is_paused and self._held <= self._window // 2:
            self._let_peer_go_on()
        return chunk

    def _let_peer_go_on(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self._resume()

    def _wake(self) -> None:
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_result(None)
