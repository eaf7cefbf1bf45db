"""A small store, which answers as a test wants it, and which can be away and come back on the same port."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.ports import free_port
from tests.threaded_store import ThreadedStore

Answer = Callable[[web.Request, bytes], Awaitable[web.Response]]
LISTENERS = "lab: {kind: mllp, port: 0, acknowledge: commit, order_by: none}, live: {kind: mllp, port: 0}"
ROUTES = "{from: lab, to: results}, {from: live, to: results, attempts: 1}"
"""One listener that commits, and one that relays."""


def results(url: str, more: str = "") -> str:
    """Return a destination of messages."""
    return f'results: {{kind: http, accept_empty: true, contact: "Records on-call, 4411", url: "{url}", {more}}}'


async def takes(_request: web.Request, _body: bytes) -> web.Response:
    """Take what comes."""
    return web.Response()


def answers(status: int, body: str = "", **headers: str) -> Answer:
    """Return what answers everything with *status*; the ``_`` in the names of *headers* stand for ``-``."""

    async def answer(_request: web.Request, _body: bytes) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = named.pop("Content-Type", "text/plain")
        return web.Response(status=status, body=body.encode(), content_type=kind, headers=named)

    return answer


class Store:
    """Serves one port while it is :meth:`up`."""

    def __init__(self, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.port = port or free_port()
        self.tls = tls
        self.answer: Answer = takes
        """What is done with a request and its body."""
        self.seconds = 0.0
        """How long it thinks before it answers."""
        self.taken: list[bytes] = []
        """The bodies that it has answered with a 2xx."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}/"

    @asynccontextmanager
    async def up(self) -> AsyncIterator["Store"]:
        """Serve; afterwards nothing listens at its port."""
        application = web.Application(client_max_size=1 << 26)
        application.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.port, ssl_context=self.tls).start()
            yield self
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.method == "POST":
            await asyncio.sleep(self.seconds)
        response = await self.answer(request, body)
        if request.method == "POST" and response.status < 300:
            self.taken.append(body)
        return response


class AlertingStore(ThreadedStore):
    """A store that takes every message, and whose TLS is that of OpenSSL: it says by an alert why a handshake fails.

    The TLS of the event loops closes the connection without a word.
    """

    def serve(self, connection: socket.socket) -> None:
        """Read a request and take it."""
        read = b""
        while b"\r\n\r\n" not in read:
            if not (more := connection.recv(65536)):
                return
            read += more
        head, _, body = read.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *([0-9]+)", head)
        while length is not None and len(body) < int(length[1]):
            if not (more := connection.recv(65536)):
                return
            body += more
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
