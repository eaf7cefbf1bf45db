"""A server that answers as a test wants: for hostile and odd replies of stores and of Pub/Sub."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from adapters.rest.http.client import Client
from adapters.rest.settings import RestSettings

Answer = Callable[[web.Request, bytes], object]
"""Returns what is answered: an object for JSON, octets, a status, a status with one of these, or None for never."""


@dataclass
class Scripted:
    """The server, with the requests that came."""

    url: str
    answer: Answer
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        body = await request.read()
        self.requests.append((request.path_qs, body))
        answer = self.answer(request, body)
        if answer is None:
            await asyncio.sleep(3600)
        if isinstance(answer, int):
            return web.Response(status=answer)
        status, answer = answer if isinstance(answer, tuple) else (200, answer)
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(body=data, status=status, content_type="application/json")


@asynccontextmanager
async def scripted(answer: Answer) -> AsyncIterator[Scripted]:
    """Run a server on a free port."""
    found = Scripted("", answer)
    application = web.Application(client_max_size=2**26)
    application.add_routes([web.route("*", "/{tail:.*}", found.handle)])
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield found
    finally:
        await runner.cleanup()


def client_of(url: str, read_seconds: float = 20) -> Client:
    """Return a client for the server."""
    return Client(RestSettings(url=url, read_seconds=read_seconds, total_seconds=read_seconds))
