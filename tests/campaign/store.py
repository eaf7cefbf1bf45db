"""A store on a port of its own that keeps what it is sent, records it, and flaps."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field

from tests.campaign.archives import Archive
from tests.campaign.history import GONE, STORED, Arrival, History, digest
from tests.campaign.http_requests import Request, reset
from tests.campaign.moods import GOOD, POISONED, Mood, next_mood
from tests.campaign.plan import is_poison
from tests.campaign.speech import HTTP, LIMIT, Speech

LOST = (asyncio.IncompleteReadError, ConnectionError, ValueError)


@dataclass(slots=True)
class Store:
    """Comes up on its port with :meth:`up`."""

    name: str
    host: str
    port: int
    archive: Archive
    history: History
    chance: random.Random
    speech: Speech = HTTP
    mood: Mood = GOOD
    poisoned: bool = True
    """Whether it refuses to take poison."""
    moods: dict[str, int] = field(default_factory=dict)
    """How many requests met each mood."""
    _server: asyncio.Server | None = field(default=None, repr=False)
    _over: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _connections: set[asyncio.StreamWriter] = field(default_factory=set, repr=False)

    async def up(self) -> None:
        """Listen."""
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, self.host, self.port, limit=LIMIT)

    async def down(self) -> None:
        """Listen no more, and reset what is connected."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._connections):
            reset(writer)

    async def become(self, mood: Mood) -> None:
        """Leave the present mood for *mood*."""
        self.mood = mood
        self._over.set()
        self._over = asyncio.Event()
        await (self.down() if mood.refuses else self.up())
        self.history.note("mood", store=self.name, mood=mood.name)

    async def flap(self) -> None:
        """Change the mood again and again until cancelled; then be good."""
        try:
            while True:
                await self.become(mood := next_mood(self.chance))
                await asyncio.sleep(self.chance.uniform(*mood.seconds))
        finally:
            await self.become(GOOD)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except LOST:
            pass
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; return whether another may follow."""
        if (request := await self._next_request(reader)) is None:
            return False
        mood = self._mood_for(request)
        self.moods[mood.name] = self.moods.get(mood.name, 0) + 1
        kept: list[Arrival] = []
        answer = mood.instead
        if mood.stores:
            truth = self.archive.serve(request, lambda name, content: kept.append(self._keep(name, content)))
            answer = answer or truth
        if request.method == "POST" and not kept:
            how = f"HTTP {answer.status}" if mood.stores and answer is not None else mood.name
            self.history.not_kept(self.name, tuple(self.archive.names(request)), how)
        octets = None if answer is None else self.speech.octets(request, answer)
        told = await self._answer(mood, octets, reader, writer)
        for arrival in kept:
            self.history.told(arrival, told)
        return mood.ends == "no"

    async def _next_request(self, reader: asyncio.StreamReader) -> Request | None:
        idle = self.mood.idle
        seconds = self.chance.uniform(*idle) if idle else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self.speech.read(reader)
        return None

    def _mood_for(self, request: Request) -> Mood:
        if self.poisoned and any(map(is_poison, self.archive.names(request))):
            return POISONED
        return self.mood if self.chance.random() < self.mood.share else GOOD

    def _keep(self, name: str, content: bytes | None) -> Arrival:
        return self.history.arrived(self.name, name, GONE if content is None else digest(content))

    async def _answer(
        self, mood: Mood, octets: bytes | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> str:
        """Answer as the mood is; return what the sender was told."""
        if mood.hangs:
            await self._hang(reader)
        await asyncio.sleep(self.chance.uniform(*mood.delay))
        if mood.ends == "reset":
            reset(writer)
        if mood.answers == "never" or octets is None:
            return mood.name
        if reader.at_eof() or writer.transport.is_closing():
            return "its sender had left"
        writer.write(octets)
        await writer.drain()
        return STORED if mood.answers == "truth" else mood.name

    async def _hang(self, reader: asyncio.StreamReader) -> None:
        """Wait until the mood is over, or the sender leaves."""
        waits = [asyncio.ensure_future(self._over.wait()), asyncio.ensure_future(reader.read(1))]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
