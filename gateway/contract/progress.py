"""A time limit for what a peer does, which does not run while the peer still takes what was sent to it.

The buffers of the operating system hold megabytes. A peer behind a slow line gets the end of a message long after it
was written, and cannot answer before.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

TCP_INFO: int | None = getattr(socket, "TCP_INFO", None)  # Linux
BYTES_ACKED = slice(120, 128)  # of struct tcp_info in linux/tcp.h, since Linux 4.1
LOOKS = 10
"""How often within its length a time limit looks for progress."""


def octets_taken(sock: socket.socket | None) -> int:
    """Return how many octets the peer's TCP has acknowledged; always 0 where the operating system does not tell."""
    if sock is None or TCP_INFO is None:
        return 0
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, BYTES_ACKED.stop)
    except OSError:  # the socket is closed, or no TCP socket
        return 0
    return int.from_bytes(told[BYTES_ACKED], sys.byteorder)


@asynccontextmanager
async def timeout_without_progress(seconds: float, octets: Callable[[], int]) -> AsyncIterator[None]:
    """Raise TimeoutError after *seconds* in which the number of *octets* that the peer has taken did not change."""
    async with asyncio.timeout(seconds) as limit:
        watch = _Watch(limit, seconds, octets)
        try:
            yield
        finally:
            watch.stop()


class _Watch:
    """Looks for progress, and starts a time limit anew where there is some."""

    def __init__(self, limit: asyncio.Timeout, seconds: float, octets: Callable[[], int]) -> None:
        self._limit, self._seconds, self._octets = limit, seconds, octets
        self._taken = octets()
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds / LOOKS, self._look)

    def stop(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        before, self._taken = self._taken, self._octets()
        if self._taken != before and not self._limit.expired():
            self._limit.reschedule(self._loop.time() + self._seconds)
        self._timer = self._loop.call_later(self._seconds / LOOKS, self._look)
