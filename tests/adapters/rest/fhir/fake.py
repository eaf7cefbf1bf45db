"""A store that answers what it is told to answer, and keeps what it was asked."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Answer = tuple[int, Any]


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Fake:
    """The store; *write* and *search* return status and body of the answer to the request."""

    write: Callable[[Asked], Answer]
    search: Callable[[Asked], Answer] = lambda _: (200, {"resourceType": "Bundle", "type": "searchset"})
    asked: list[Asked] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def writes(self) -> list[Asked]:
        """The requests that were no searches."""
        return [each for each in self.asked if each.method != "GET"]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request."""
        path = request.path.removeprefix("/fhir").strip("/")
        asked = Asked(request.method, path, dict(request.query), dict(request.headers), await request.read())
        self.asked.append(asked)
        status, body = (self.search if request.method == "GET" else self.write)(asked)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(status=status, body=data, headers=self.headers)


@asynccontextmanager
async def running(fake: Fake) -> AsyncIterator[Fake]:
    """Serve on a free port."""
    application = web.Application(client_max_size=1 << 26)
    application.router.add_route("*", "/{any:.*}", fake.answer)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}/fhir"
        yield fake
    finally:
        await runner.cleanup()


def all_done(asked: Asked, *, status: str = "201 Created") -> Answer:
    """Answer a bundle: each entry is done."""
    entries = []
    for number, entry in enumerate(asked.json.get("entry", [])):
        kind = entry["request"]["url"].partition("?")[0].partition("/")[0]
        entries.append({"response": {"status": status, "location": f"{kind}/{number}/_history/1"}})
    return 200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def page(*resources: Json, more: bool = False) -> Answer:
    """Answer a search."""
    link = [{"relation": "next", "url": "x"}] if more else []
    return 200, {"resourceType": "Bundle", "link": link, "entry": [{"resource": each} for each in resources]}
