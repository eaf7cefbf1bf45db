"""Reads the body of a request within the limits of its peer: size, memory, silence, rate."""

import asyncio
from typing import Protocol

from adapters.http.answers import Problem
from adapters.http.serving.memory import Memory
from adapters.http.settings import HttpListenerSettings
from gateway.contract.lateness import LOOK_AGAIN_SECONDS, is_late
from gateway.contract.meter import Rejection

TOO_LARGE = Problem(413, "too-long", "the body is larger than max_body of the listener", Rejection.TOO_LARGE)
SILENT = Problem(408, "timeout", "the rest of the body did not come in time", Rejection.MESSAGE_TIMEOUT)
TOO_SLOW = Problem(408, "timeout", "the body comes too slowly", Rejection.TOO_SLOW)
NO_ROOM = Problem(
    503,
    "throttled",
    "too many messages are in memory now; send this one again later",
    Rejection.MEMORY_LIMIT,
    (("Retry-After", "5"),),
)


class Incoming(Protocol):
    """A body that is arriving, as aiohttp has it."""

    async def readany(self) -> bytes:
        """Return what has come, at least one octet; nothing at the end."""


class BodyReader:
    """Reads one body."""

    def __init__(self, settings: HttpListenerSettings, memory: Memory) -> None:
        self._settings = settings
        self._memory = memory
        self._loop = asyncio.get_running_loop()
        self._octets = 0
        self._began = self._heard = self._loop.time()

    async def read(self, body: Incoming) -> bytes | Problem:
        """Return the whole body, or why it is not taken."""
        chunks: list[bytes] = []
        while True:
            chunk = await self._next(body)
            if isinstance(chunk, Problem):
                return chunk
            if not chunk:
                return b"".join(chunks)
            self._octets += len(chunk)
            if self._octets > self._settings.max_body:
                return TOO_LARGE
            chunks.append(chunk)
            self._memory.hold(self._octets)
            if self._memory.is_short and not await self._waited():
                return NO_ROOM

    async def _next(self, body: Incoming, least: float = 0.0) -> bytes | Problem:
        due = max(min(self._silence_ends(), self._too_slow_at()), least)
        try:
            async with asyncio.timeout_at(due):
                chunk = await body.readany()
        except TimeoutError:
            now = self._loop.time()
            if is_late(due, now) and not least:  # the octets may be in the socket
                return await self._next(body, now + LOOK_AGAIN_SECONDS)
            return SILENT if self._silence_ends() <= self._too_slow_at() else TOO_SLOW
        self._heard = self._loop.time()
        return chunk

    async def _waited(self) -> bool:
        """Wait for memory; return whether there is room. The time does not count for the peer."""
        since = self._loop.time()
        try:
            async with asyncio.timeout(self._settings.message_seconds):
                await self._memory.room()
        except TimeoutError:
            return False
        self._heard = self._loop.time()
        self._began += self._heard - since
        return True

    def _silence_ends(self) -> float:
        return self._heard + self._settings.message_seconds

    def _too_slow_at(self) -> float:
        return self._began + self._settings.longest_seconds(self._octets)
