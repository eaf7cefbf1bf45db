"""Nothing that identifies a patient is on any page, in what is sent live, or in the API; but in the payload view.

A browser without script signs in to a real gateway and follows every link that there is.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, CookieJar
from pydicom.uid import generate_uid

from tests.dicom_files import data_set
from tests.gateway.screen.screens import HTML
from tests.gateway.screen.spool.test_pages import hidden
from tests.phi.canaries import CANARY, canary_adt, canary_instance
from tests.phi.daemon import KINDS, RECEIVER, Daemon, daemon
from tests.phi.finder import dicom_values, hl7_values, leaks
from tests.phi.test_phi import send_block, store

API = ("/api/v1/status", "/api/v1/messages?limit=500", "/api/v1/spool", "/api/v1/spool/entries?limit=1000")
MOST_PAGES = 150
PAGES = ("/spool", "/messages", "/peers", "/destinations", "/certificates", "/configuration")


@dataclass
class Walk:
    """A walk over the pages."""

    url: str
    client: ClientSession
    said: dict[str, str] = field(default_factory=dict)
    """The text of each page and answer, by its address."""

    async def get(self, path: str) -> str:
        """Return what is at *path*."""
        async with self.client.get(self.url + path) as reply:
            self.said[path] = f"{reply.headers} {await reply.text()}"
            return self.said[path]

    async def everywhere(self) -> None:
        """Follow every link from the first screen on."""
        left = ["/", *PAGES]
        while left and len(self.said) < MOST_PAGES:
            path = left.pop(0)
            if path not in self.said:
                text = await self.get(path)
                found = re.findall(r'href="(/[^"#]*)', text) + re.findall(r'data-fetch="([^"]*)"', text)
                left += [unescape(each) for each in found]

    async def live(self) -> None:
        """Listen to what is sent live until each part has come."""
        parts: list[bytes] = []
        async with asyncio.timeout(30), self.client.get(f"{self.url}/screen/live") as stream:
            while sum(b"event: part" in each for each in parts) < 4:
                parts.append(await stream.content.readline())
        self.said["/screen/live"] = b"".join(parts).decode()


@asynccontextmanager
async def walking(running: Daemon) -> AsyncIterator[Walk]:
    """Sign in."""
    port = next(each["admin_port"] for each in running.process.events if "admin_port" in each)
    token = (running.config.parent / "data" / "admin-token").read_text().strip()
    jar, timeout = CookieJar(unsafe=True), ClientTimeout(total=60)
    async with ClientSession(cookie_jar=jar, timeout=timeout, headers=HTML) as client:
        walk = Walk(f"http://127.0.0.1:{port}", client)
        async with client.post(f"{walk.url}/sign-in", data={"token": token, "name": "night.shift"}) as reply:
            assert 200 == reply.status
        yield walk


async def test_pages(tmp_path: Path) -> None:
    """Messages full of canary values are stored, refused and parked; the pages tell of all of them, and of nobody."""
    uid, study = generate_uid(), "1.2.826.0.1.1"
    instance = canary_instance(uid, study)
    messages = {f"S{number}": canary_adt(f"S{number}") for number in range(3)}
    async with daemon(tmp_path) as running:
        for mode in ("relay", "commit"):
            for kind in (*KINDS, RECEIVER):
                for payload in messages.values():
                    await send_block(running.ports[f"mllp-{mode}-{kind}"], payload)
            for kind in KINDS:
                await store(running.ports[f"dimse-{mode}-{kind}"], data_set(instance), uid)
        async with walking(running) as walk:
            async with asyncio.timeout(60):
                while "Parked" not in await walk.get("/spool") or "Parked" not in await walk.get("/messages"):
                    await asyncio.sleep(0.2)
            walk.said.clear()
            await walk.everywhere()
            await walk.live()
            for path in API:
                await walk.get(path)
            await _decide(walk)
            values = set().union(*map(hl7_values, messages.values()), dicom_values(instance))
            assert len(walk.said) > 40
            assert any(path.startswith("/spool/entries/") and path.endswith("/payload") for path in walk.said)
            assert {} == {path: CANARY for path, text in walk.said.items() if CANARY in text}
            assert {} == {path: found for path, text in walk.said.items() if (found := leaks(text, values))}
            assert CANARY in await _content(walk)
        shown = await running.process.logged("spool_payload_shown")
        assert ("mapping", True) == (shown["purpose"], "night.shift" in str(shown["by"]))
        assert CANARY not in str(running.process.events)


async def _decide(walk: Walk) -> None:
    """Ask what would be discarded, and discard it."""
    text = next(text for path, text in walk.said.items() if re.fullmatch(r"/spool/entries/[^/?]+", path))
    begin = text.index('action="/actions/discard"')
    form = hidden("<main" + text[begin : text.index("</form>", begin)])
    async with walk.client.post(f"{walk.url}/actions/discard", data=form) as reply:
        walk.said["asked"] = await reply.text()
    form = {**hidden(walk.said["asked"]), "reason": ["a test"]}
    async with walk.client.post(f"{walk.url}/actions/discard", data=form) as reply:
        walk.said["done"] = await reply.text()
    assert "Done: 1 message" in walk.said["done"]


async def _content(walk: Walk) -> str:
    """Return what the payload view shows of a message."""
    listed = await walk.get("/spool/entries?state=parked&destination=mllp-refusing")
    path = unescape(re.findall(r'href="(/spool/entries/[^"?]+)"', listed)[-1]) + "/payload"
    form = {**hidden(await walk.get(path)), "purpose": "mapping"}
    async with walk.client.post(walk.url + path, data=form) as reply:
        assert 200 == reply.status
        return await reply.text()
