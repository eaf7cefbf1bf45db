"""A store that keeps every body it takes, in the order they came, also those it has already."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox.faults import Faults

RUN = web.RequestKey("run", int)
ARRIVAL = web.RequestKey("arrival", int)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One body that the store kept."""

    body: bytes
    run: int
    """Which run of the gateway sent it."""


class Sink:
    """Takes any POST on one port for as long as it is :meth:`up`; suffers what *faults* plans."""

    def __init__(
        self,
        port: int = 0,
        refuses: Callable[[bytes], bool] = lambda _: False,
        fails: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        self.port = port
        self.faults = Faults()
        self.times: list[float] = []
        """When each request came, by the loop's clock."""
        self.run = 0
        """To be counted up before each start of the gateway."""
        self.arrivals: list[Arrival] = []
        self.answered: set[int] = set()
        """The places in :attr:`arrivals` whose sender was told 200."""
        self._refuses = refuses
        self._fails = fails
        self._changed = asyncio.Condition()

    @property
    def url(self) -> str:
        """Where it is; the port is known once it has been up."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def bodies(self) -> list[bytes]:
        """What it has kept."""
        return [each.body for each in self.arrivals]

    @asynccontextmanager
    async def up(self) -> AsyncIterator["Sink"]:
        """Serve; afterwards the port is closed, and what was kept stays."""
        application = web.Application(middlewares=[self._watch, self.faults.middleware], client_max_size=1 << 26)
        application.router.add_post("/{path:.*}", self._keep)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            self.port = runner.addresses[0][1]
            yield self
        finally:
            await runner.cleanup()

    async def until(self, condition: Callable[["Sink"], bool], seconds: float = 120) -> None:
        """Wait until *condition* holds; it is looked at after every request."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: condition(self))

    async def until_kept(self, bodies: Sequence[bytes], seconds: float = 120) -> None:
        """Wait until all of *bodies* have been kept."""
        wanted = set(bodies)
        await self.until(lambda sink: wanted <= set(sink.bodies), seconds)

    @web.middleware
    async def _watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request[RUN] = self.run
        self.times.append(asyncio.get_running_loop().time())
        response = await handler(request)
        async with self._changed:
            if response.status == 200:
                self.answered.add(request[ARRIVAL])
            self._changed.notify_all()
        return response

    async def _keep(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self._refuses(body):
            return web.Response(status=400)
        if self._fails(body):
            return web.Response(status=500)
        request[ARRIVAL] = len(self.arrivals)
        self.arrivals.append(Arrival(body, request[RUN]))
        return web.Response()


def unexplained(sink: Sink) -> list[bytes]:
    """Return what was kept twice without need: the run that sent it before still lived, and knew that it was kept."""
    last: dict[bytes, tuple[int, int]] = {}
    found = []
    for place, arrival in enumerate(sink.arrivals):
        if (place_before_run := last.get(arrival.body)) is not None:
            place_before, run_before = place_before_run
            if run_before == arrival.run and place_before in sink.answered:
                found.append(arrival.body)
        last[arrival.body] = place, arrival.run
    return found


def duplicates(bodies: Sequence[bytes]) -> int:
    """Return how many of *bodies* were there before."""
    return sum(count - 1 for count in Counter(bodies).values())


def first_of_each(bodies: Sequence[bytes]) -> list[bytes]:
    """Return *bodies* without those that were there before."""
    return list(dict.fromkeys(bodies))
