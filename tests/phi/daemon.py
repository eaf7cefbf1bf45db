"""A daemon with every kind of listener and store, and everything that it says."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, web

from gateway.admin.server import serve_admin
from gateway.sandbox.server import Sandbox
from tests.phi.canaries import CANARY
from tests.processes import HilumProcess, serving

KINDS = ("good", "refusing", "dead")
RECEIVER = "receiver"
"""A receiver over MLLP, of HL7 only."""
ADMIN_PATHS = (
    "/livez", "/readyz", "/metrics", "/nowhere", "/api/v1/spool", "/api/v1/spool/entries?limit=1000",
    "/api/v1/spool/entries?state=parked", "/api/v1/spool/entries?nonsense=1", "/api/v1/spool/entries/none",
    "/api/v1/spool/entries/none/payload",
)  # fmt: skip


@dataclass
class Daemon:
    """What runs, where it listens, and what it has said so far beside its log."""

    process: HilumProcess
    ports: dict[str, int]
    config: Path
    said: list[str] = field(default_factory=list)

    async def ask(self, admin_port: int) -> None:
        """Ask the admin port for everything but payloads, and for what there is not."""
        token = (self.config.parent / "data" / "admin-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with ClientSession(f"http://127.0.0.1:{admin_port}", headers=headers) as client:
            for path in ADMIN_PATHS:
                async with client.get(path) as reply:
                    self.said += [await reply.text(), str(reply.headers)]
            async with client.get("/api/v1/spool/entries?limit=1000") as reply:
                entries = (await reply.json())["entries"]
            for each in entries:
                async with client.get(f"/api/v1/spool/entries/{each['id']}") as reply:
                    self.said.append(await reply.text())
            for body in (b"no JSON", b"{}", b'{"ids": ["none"]}'):
                for action in ("retry", "discard", "move"):
                    headers = {"Content-Type": "application/json"}
                    async with client.post(f"/api/v1/spool/{action}", data=body, headers=headers) as reply:
                        self.said.append(await reply.text())
            for each in entries[:2]:
                await self.run("spool", "show", str(self.config), each["id"])

    async def run(self, *arguments: str) -> None:
        """Run a command beside the daemon and keep what it says."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", *arguments, stdout=pipe, stderr=pipe
        )
        self.said += [each.decode() for each in await process.communicate()]

    def everything(self) -> str:
        """Return all that was said, the log included."""
        return "\n".join([*self.said, *map(str, self.process.events)])


async def refuse(request: web.Request) -> web.Response:
    """Refuse as a careless store does: quote the request in the status line, a header, and the body."""
    body = await request.read()
    quoted = body.decode("latin-1")
    word = "".join(char for char in quoted[-200:] if char.isalnum())[:60]
    return web.Response(status=400, reason=f"Bad {word}", headers={"X-Cause": word}, text=f'{{"error": "{quoted}"}}')


async def quote(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuse over MLLP as a careless receiver does: quote the message in every field; of the third one say rubbish."""
    count = 0
    try:
        while True:
            block = (await reader.readuntil(b"\x1c\r"))[1:-2]
            count += 1
            named = block.split(b"|", 10)[9:10] or [b""]
            said = block.replace(b"\r", b" ").replace(b"|", b" ")[-300:]
            nack = b"MSH|^~\\&|%b|R|||||ACK|%b|P|2.5\rMSA|AE|%b|%b\rERR||%b|207|E|%b||%b|%b\r"
            answer = nack % (said, said, named[0], said, said, said, said, said)
            writer.write(block if count % 3 == 0 else b"\x0b%b\x1c\r" % answer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


@asynccontextmanager
async def daemon(folder: Path) -> AsyncIterator[Daemon]:
    """Run one that relays and commits both protocols to good, refusing and dead stores, at the level debug."""
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox(folder / "stores"))
        careless = web.Application(client_max_size=1 << 28)
        careless.router.add_route("*", "/{path:.*}", refuse)
        port = await stack.enter_async_context(serve_admin(careless, "127.0.0.1", 0))
        bad = f"http://127.0.0.1:{port}/", "http://127.0.0.1:1/"
        # A secret in an address, and one in a header, are no more to be said than a name.
        secrets = f"kind: http, url: '{bad[1]}?code={CANARY}QUERY', headers: {{X-Key: {CANARY}KEY}}"
        receiver = await asyncio.start_server(quote, "127.0.0.1", 0, limit=1 << 24)
        stack.callback(receiver.close)
        mllp = f"kind: mllp, host: 127.0.0.1, port: {receiver.sockets[0].getsockname()[1]}, answer_seconds: 2"
        stores = {
            "mllp": [
                *(f"kind: hl7v2_store, url: '{url}'" for url in (sandbox.hl7v2_store_url(), bad[0])),
                secrets,
                mllp,
            ],
            "dimse": [f"kind: dicomweb, url: '{url}'" for url in (sandbox.dicom_web_url(), *bad)],
        }
        text = "\n".join(_configuration(folder, stores))
        process, ports = await stack.enter_async_context(serving(folder, text, "--log-level", "debug"))
        yield Daemon(process, dict(ports), folder / "hilum.yaml")


def _configuration(folder: Path, stores: Mapping[str, Sequence[str]]) -> list[str]:
    lines = [f"data_dir: {folder / 'data'}", "admin: {port: 0}", "spool: {min_free_bytes: 0}", "drain_seconds: 2"]
    listeners, destinations, routes = ["listeners:"], ["destinations:"], ["routes:"]
    for protocol, flows in stores.items():
        for kind, flow in zip((*KINDS, RECEIVER), flows, strict=False):
            destinations.append(f"  {protocol}-{kind}: {{{flow}, max_attempts: 2}}")
            for mode in ("relay", "commit"):
                name = f"{protocol}-{mode}-{kind}"
                size = ", max_block: 1000000" if protocol == "mllp" else ""
                listeners.append(f"  {name}: {{kind: {protocol}, port: 0, acknowledge: {mode}{size}}}")
                routes.append(f"  - {{from: {name}, to: {protocol}-{kind}, within: 5, attempts: 1}}")
    return [*lines, *listeners, *destinations, *routes]
