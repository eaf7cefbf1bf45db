"""What a program sends to a server, recorded: a test sends the same where the program is not installed.

Numbers of operations and etags are other ones each time: a recording names them by the order in which they appeared.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.typedefs import Handler

VARIABLE = re.compile(r'operations/(?P<operation>\d+)|"etag": "(?P<etag>[^"]{4,})"')
"""A shorter etag counts changes, or is the same each time."""
FACTS = ("done", "error", "instanceCount", "totalRows", "rows", "kind")


class Names:
    """Which values have appeared in replies, in their order."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def learn(self, reply: str) -> None:
        """Name the values of a reply that are new."""
        for found in VARIABLE.finditer(reply):
            number = sum(each.startswith(f"<{found.lastgroup}") for each in self._seen.values())
            self._seen.setdefault(found["operation"] or found["etag"], f"<{found.lastgroup} {number}>")

    def hide(self, text: str) -> str:
        """Return a request with names in the place of values; gcloud writes an etag in the other alphabet of base64."""
        for value, name in self._seen.items():
            for form in (value, value.translate({ord("+"): "-", ord("/"): "_"})):
                text = text.replace(form, name)
        return text

    def show(self, text: str) -> str:
        """Return a request with values in the place of names."""
        for value, name in self._seen.items():
            text = text.replace(name, value)
        return text


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request, and what its reply said that must be said again."""

    method: str
    path: str
    type: str
    body: str
    status: int
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_poll(self) -> bool:
        """Return whether a program asks until an operation is done."""
        return self.method == "GET" and "/operations/" in self.path and "done" in self.facts


class Recorder:
    """A middleware that keeps requests; of equal ones that follow each other, the last."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self._names = Names()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep a request whose body is read at once, and what its reply says."""
        body = (await request.read()).decode()
        response = await handler(request)
        said = response.body if isinstance(response, web.Response) else b""
        text = said.decode() if isinstance(said, bytes) else ""
        made = Recorded(
            request.method,
            self._names.hide(request.path_qs),
            request.headers.get("Content-Type", ""),
            self._names.hide(body),
            response.status,
            facts_of(text),
        )
        if self.requests and (made.method, made.path) == (self.requests[-1].method, self.requests[-1].path):
            self.requests.pop()
        self.requests.append(made)
        self._names.learn(text)
        return response

    def write(self, path: Path) -> None:
        """Write the requests, one a line."""
        path.write_text("".join(f"{json.dumps(asdict(each))}\n" for each in self.requests))


def read(path: Path) -> Sequence[Recorded]:
    """Return the requests of a file."""
    return [Recorded(**json.loads(line)) for line in path.read_text().splitlines()]


def facts_of(reply: str) -> dict[str, Any]:
    """Return what a reply in JSON says that is the same each time."""
    try:
        body = json.loads(reply)
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    counter = body.get("metadata", {}).get("counter") if isinstance(body.get("metadata"), dict) else None
    return {name: body[name] for name in FACTS if name in body} | ({"counter": counter} if counter else {})


async def send(requests: Sequence[Recorded], url: str) -> list[tuple[Recorded, int, dict[str, Any]]]:
    """Send requests one after the other; return those with another status or other facts than were recorded."""
    names, wrong = Names(), []
    async with ClientSession() as client:
        for each in requests:
            async with asyncio.timeout(120):
                status, text = await _sent(client, each, names, url)
                while status == each.status and each.is_poll and not facts_of(text).get("done"):
                    await asyncio.sleep(0.05)  # poll, as the program does
                    status, text = await _sent(client, each, names, url)
            names.learn(text)
            if (status, facts_of(text)) != (each.status, each.facts):
                wrong.append((each, status, facts_of(text)))
    return wrong


async def _sent(client: ClientSession, each: Recorded, names: Names, url: str) -> tuple[int, str]:
    headers = {"Content-Type": each.type, "Authorization": "Bearer any-word"}
    async with client.request(
        each.method, url + names.show(each.path), data=names.show(each.body).encode(), headers=headers
    ) as response:
        return response.status, await response.text()


def healthcare(requests: Sequence[Recorded]) -> Iterator[tuple[str, str]]:
    """Yield method and path of the requests to the Cloud Healthcare API that are no polls."""
    for each in requests:
        if each.path.startswith(("/v1/", "/v1beta1/")) and not each.is_poll:
            yield each.method, each.path.partition("?")[0]
