"""Everything that the operators' side of a gateway gives: its pages, its API, its commands, its files and its log."""

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote

from aiohttp import ClientSession, ClientTimeout, CookieJar

from tests.gateway.screen.screens import HTML

ROLES = ("viewer", "operator", "payload")
API = (
    "/livez", "/readyz", "/metrics", "/api/v1/status", "/api/v1/spool", "/nowhere",
    "/api/v1/spool/reasons", "/api/v1/spool/entries?limit=1000", "/api/v1/messages?limit=500",
    "/api/v1/messages?outcome=not_stored&limit=500", "/api/v1/messages?nonsense=1", "/api/v1/explain",
)  # fmt: skip
LINK = re.compile(r'(?:href|src|data-fetch)="(/[^"#]*)')
MOST_OF_A_KIND = 8
"""Pages that differ only in the message, the peer or the values of the filters that they are about."""
AT_ONCE = 4
"""Commands that run side by side."""


@dataclass
class Outputs:
    """What was given, by what it is."""

    config: Path
    port: int
    said: dict[str, str] = field(default_factory=dict)

    @property
    def data_dir(self) -> Path:
        """The folder of the gateway's data."""
        return self.config.parent / "data"

    def token(self, role: str) -> str:
        """Return the token of a role."""
        return (self.config.parent / role).read_text()

    async def ask(self, role: str, paths: Iterable[str]) -> None:
        """Ask the API as a program does."""
        headers = {"Authorization": f"Bearer {self.token(role)}"}
        async with ClientSession(f"http://127.0.0.1:{self.port}", headers=headers) as client:
            for path in paths:
                async with client.get(path) as reply:
                    self.said[f"{role} {path}"] = f"{reply.headers} {await reply.text()}"

    async def asked(self, path: str, role: str = "viewer") -> str:
        """Return the answer of the API."""
        await self.ask(role, [path])
        return self.said[f"{role} {path}"]

    async def walk(self, role: str) -> None:
        """Sign in as *role*, follow every link from the first screen on, and listen to what is sent live."""
        async with self.signed_in(role) as client:
            left, seen, kinds = ["/"], set[str](), Counter[str]()
            while left:
                if (path := left.pop(0)) in seen:
                    continue
                seen.add(path)
                kind = kind_of(path)
                kinds[kind] += 1
                if path != "/screen/live" and kinds[kind] <= MOST_OF_A_KIND:
                    async with client.get(path) as reply:
                        text = self.said[f"{role} {path}"] = f"{reply.headers} {await reply.text()}"
                    left += [unescape(each) for each in LINK.findall(text)]
            self.said[f"{role} /screen/live"] = await _live(client)

    @asynccontextmanager
    async def signed_in(self, role: str) -> AsyncIterator[ClientSession]:
        """Sign in with the token of *role*, in a browser without script."""
        jar, timeout = CookieJar(unsafe=True), ClientTimeout(total=60)
        url = f"http://127.0.0.1:{self.port}"
        async with ClientSession(url, cookie_jar=jar, timeout=timeout, headers=HTML) as client:
            async with client.post("/sign-in", data={"token": self.token(role), "name": "night.shift"}) as reply:
                assert 200 == reply.status
            yield client

    async def run(self, *commands: tuple[str, ...]) -> None:
        """Run commands of ``hilum`` beside the gateway: the first word, the configuration, and the rest."""
        places = asyncio.Semaphore(AT_ONCE)

        async def run_one(command: tuple[str, ...]) -> None:
            name, *rest = command
            pipe = asyncio.subprocess.PIPE
            async with places:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "gateway", name, str(self.config), *rest, stdout=pipe, stderr=pipe
                )
                said = await process.communicate()
            self.said[f"hilum {' '.join(command)}"] = b"\n".join(said).decode()

        await asyncio.gather(*map(run_one, commands))

    async def explanations(self) -> None:
        """Ask for an explanation of each peer, each destination and each message of the journal."""
        status = json.loads(_body(await self.asked("/api/v1/status")))
        rows = json.loads(_body(await self.asked("/api/v1/messages?limit=500")))["messages"]
        subjects = {
            "peer": {each["peer"] for each in (*status["peers"], *rows)},
            "destination": {each["name"] for each in status["destinations"]},
            "message": {row[name] for row in rows for name in ("key", "message_id") if row[name]},
        }
        for kind, names in subjects.items():
            await self.ask("viewer", [f"/api/v1/explain?{kind}={quote(each, safe='')}" for each in sorted(names)])
        # A command takes much longer than its answer, which was asked for above.
        few = {kind: sorted(names)[:2] for kind, names in subjects.items()}
        await self.run(*(("explain", f"--{kind}={each}") for kind, names in few.items() for each in names))

    def read_files(self) -> None:
        """Read every file in the folder of the data but those of the spool, which hold the payloads."""
        for path in self.data_dir.rglob("*"):
            if path.is_file() and "spool" not in path.relative_to(self.data_dir).parts[0]:
                self.said[str(path.relative_to(self.data_dir))] = path.read_bytes().decode("latin-1")


async def _live(client: ClientSession) -> str:
    """Return what is sent live until each part has come."""
    lines: list[bytes] = []
    async with asyncio.timeout(30), client.get("/screen/live") as stream:
        while sum(b"event: part" in each for each in lines) < 4:
            lines.append(await stream.content.readline())
    return b"".join(lines).decode()


def _body(answer: str) -> str:
    return answer[answer.index("> ") + 2 :]


def kind_of(path: str) -> str:
    """Return what pages have in common that differ only in what they are about."""
    place, _, query = path.partition("?")
    names = sorted(each.partition("=")[0] for each in query.split("&"))
    return " ".join((*place.split("/")[1:3], str(place.count("/")), *names))
