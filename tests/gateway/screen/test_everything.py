"""The whole screen of a real gateway: a message is sent, refused, found, and decided on."""

import asyncio
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, CookieJar, web

from gateway.admin.server import serve_admin
from tests.gateway.screen.screens import HTML
from tests.gateway.screen.spool.test_pages import hidden
from tests.mllp_client import adt, code_of, mllp_client
from tests.processes import serving

CONFIGURATION = """\
listeners:
  lab: {{kind: mllp, port: 0, acknowledge: commit}}
destinations:
  store: {{kind: http, url: "http://127.0.0.1:{port}/", max_attempts: 1, contact: "PACS, 4411"}}
routes: [{{from: lab, to: store}}]
admin: {{port: 0}}
data_dir: {data}
spool: {{min_free_bytes: 0}}
drain_seconds: 1
workers: {workers}
"""


async def refuse(_: web.Request) -> web.Response:
    """Refuse every message."""
    return web.Response(status=400, text="Bad EVERYWOMAN")


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
async def test_refused_and_discarded(tmp_path: Path, workers: int) -> None:
    """The pages tell of a message that its store has refused, and an operator gives it up."""
    store, data = web.Application(), tmp_path / "data"
    store.router.add_route("*", "/{path:.*}", refuse)
    async with serve_admin(store, "127.0.0.1", 0) as port:
        text = CONFIGURATION.format(port=port, data=data, workers=workers)
        async with serving(tmp_path, text) as (process, ports):
            async with mllp_client(ports["lab"]) as client:
                assert "AA" == code_of(await client.ask(adt("SCREEN1")))
            async with asyncio.timeout(60):
                while not (started := [each for each in process.events if is_whole(each, workers)]):
                    await asyncio.sleep(0.05)
            screen = Screen(f"http://127.0.0.1:{started[0]['admin_port']}")
            async with screen.opened((data / "admin-token").read_text().strip()):
                await _looked_at(screen)
            assert [1] == [each["count"] for each in process.events if each["event"] == "spool_entries_discarded"]


def is_whole(event: Mapping[str, object], workers: int) -> bool:
    """Whether the whole gateway tells that it has started, and not one of its workers."""
    return "admin_port" in event and (workers == 1 or "workers" in event)


class Screen:
    """A browser without script."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: ClientSession

    def opened(self, token: str) -> ClientSession:
        """Return the client, whose end closes it; it signs in at its first page."""
        self._token = token
        jar = CookieJar(unsafe=True)
        self._client = ClientSession(timeout=ClientTimeout(total=30), cookie_jar=jar, headers=HTML)
        return self._client

    async def sign_in(self) -> None:
        """Sign in as an operator."""
        form = {"token": self._token, "name": "night.shift"}
        async with self._client.post(f"{self._url}/sign-in", data=form) as reply:
            assert 200 == reply.status

    async def get(self, path: str) -> str:
        """Return a page."""
        async with self._client.get(self._url + path) as reply:
            assert 200 == reply.status, path
            return await reply.text()

    async def until(self, path: str, said: str) -> str:
        """Return the page at *path* once it says something."""
        async with asyncio.timeout(60):
            while said not in (text := await self.get(path)):
                await asyncio.sleep(0.1)
        return text

    async def post(self, path: str, form: dict[str, object]) -> str:
        """Send a form and return the page that comes."""
        async with self._client.post(self._url + path, data=form) as reply:
            assert 200 == reply.status, path
            return await reply.text()


async def _looked_at(screen: Screen) -> None:
    await screen.sign_in()
    spool = await screen.until("/spool", "Parked")
    assert "EVERYWOMAN" not in spool
    found = await screen.until("/messages?id=SCREEN1", "SCREEN1</a>")
    life = await screen.until(unescape(re.findall(r'href="(/messages/[^"?]+)"', found)[0]), "In the spool")
    assert "AA" in life
    entry = await screen.get(unescape(re.findall(r'href="(/spool/entries/[^"]+)"', life)[0]))
    asked = await screen.post("/actions/discard", hidden_of(entry, "discard"))
    assert "Discard 1 message?" in asked
    done = await screen.post("/actions/discard", {**hidden(asked), "reason": "sent to the wrong store"})
    assert "Done: 1 message" in done
    assert "Nothing waits, and nothing is parked" in await screen.get("/spool")
    assert "PACS, 4411" in await screen.get("/destinations/store")
    configuration = await screen.get("/configuration")
    assert "<code>listeners.lab.acknowledge</code>" in configuration
    assert "hilum.yaml" in configuration
    assert "line 2" in configuration


def hidden_of(html: str, verb: str) -> dict[str, object]:
    """Return the hidden fields of the form of one verb."""
    begin = html.index(f'action="/actions/{verb}"')
    return dict(hidden("<main" + html[begin : html.index("</form>", begin)]))
