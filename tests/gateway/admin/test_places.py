"""The connections of the admin port."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from gateway.admin.server import serve_admin
from gateway.admin.settings import AdminSettings

HEAD = b"GET /quick HTTP/1.1\r\nHost: localhost\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


@asynccontextmanager
async def serving(limits: dict[str, float], released: asyncio.Event | None = None) -> AsyncIterator[Connect]:
    """Serve a quick answer and one that waits until it is *released*; yield what connects."""
    released = released or asyncio.Event()

    async def quick(_: web.Request) -> web.Response:
        return web.Response(text="here")

    async def slow(request: web.Request) -> web.Response:
        await request.read()
        await released.wait()
        return web.Response(text="late")

    application = web.Application()
    application.add_routes([web.get("/quick", quick), web.post("/slow", slow)])
    writers: list[asyncio.StreamWriter] = []
    settings = AdminSettings.model_validate(limits)
    async with serve_admin(application, "127.0.0.1", 0, limits=settings) as port:

        async def connect() -> Streams:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            return reader, writer

        yield connect
        for each in writers:
            each.close()


async def is_dropped(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of the connection."""
    async with asyncio.timeout(60):
        try:
            while await reader.read(1000):
                pass
        except ConnectionResetError:
            pass
    return True


async def ask(streams: Streams) -> bytes:
    """Ask for the quick answer; return its status line."""
    reader, writer = streams
    writer.write(HEAD + b"\r\n")
    async with asyncio.timeout(60):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(4)
    return head.split(b"\r\n")[0]


SLOWNESS = {
    "silent": ({"head_seconds": 0.2}, b""),
    "head unfinished": ({"head_seconds": 0.2}, HEAD),
    "body unfinished": (
        {"request_seconds": 0.2},
        b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx",
    ),
    "silent after a request": ({"idle_seconds": 0.2}, HEAD + b"\r\n"),
    "second head unfinished": ({"idle_seconds": 0.2}, HEAD + b"\r\n" + HEAD),
}


@pytest.mark.parametrize(("limit", "sent"), SLOWNESS.values(), ids=SLOWNESS)
async def test_slow_callers_are_dropped(limit: dict[str, float], sent: bytes) -> None:
    """Each phase of a connection has a time limit."""
    async with serving(limit) as connect:
        reader, writer = await connect()
        writer.write(sent)
        assert await is_dropped(reader)


async def test_answer_that_takes_too_long() -> None:
    """A request that is not answered in time ends with its connection."""
    async with serving({"request_seconds": 0.2}) as connect:
        reader, writer = await connect()
        writer.write(b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        assert await is_dropped(reader)


async def test_silent_callers_keep_nobody_out() -> None:
    """At the maximum, a new connection replaces the one that has been idle for longest."""
    async with serving({"max_connections": 3}) as connect:
        silent = [await connect() for _ in range(3)]
        assert b"HTTP/1.1 200 OK" == await ask(silent[0])  # now it has been silent for less long than the other two
        assert b"HTTP/1.1 200 OK" == await ask(await connect())
        assert await is_dropped(silent[1][0])
        assert b"HTTP/1.1 200 OK" == await ask(silent[0])


async def test_callers_that_wait_for_an_answer_stay() -> None:
    """A further connection is closed if all others are in a request, and they get their responses."""
    released = asyncio.Event()
    async with serving({"max_connections": 2}, released) as connect:
        busy = [await connect() for _ in range(2)]
        for _, writer in busy:
            writer.write(b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await asyncio.sleep(0.3)  # both have come: nothing tells a caller that its request has
        assert await is_dropped((await connect())[0])
        released.set()
        assert [True, True] == [(await reader.read()).endswith(b"late") for reader, _ in busy]


async def test_places_are_free_again() -> None:
    """Any number of connections can come one after another."""
    async with serving({"max_connections": 2}) as connect:
        for _ in range(20):
            reader, writer = await connect()
            assert b"HTTP/1.1 200 OK" == await ask((reader, writer))
            writer.close()


async def test_tls_on_a_plain_port() -> None:
    """A TLS client on a plain port is logged in the same way as on a listener, and disconnected."""
    client = ssl.create_default_context()
    with capture_logs() as logs:
        async with serving({}) as connect:
            _, writer = await connect()
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await writer.start_tls(client, server_hostname="hilum.example")
    assert [("peer_rejected", "admin", "tls_on_plain_port", "TLS on a port that does not speak it")] == [
        tuple(entry[key] for key in ("event", "listener", "reason", "fault")) for entry in logs
    ]


NO_HELLO = {
    "inside a request": HEAD + b"X: \x16\r\n\r\n",
    "behind a request": HEAD + b"\r\n\x16\x03\x01",
    "other nonsense": b"\x15\x03\x01\0\x02\r\n\r\n",
}


@pytest.mark.parametrize("sent", NO_HELLO.values(), ids=NO_HELLO)
async def test_no_tls_on_a_plain_port(sent: bytes) -> None:
    """Only the first octet of a connection is checked for TLS."""
    with capture_logs() as logs:
        async with serving({"idle_seconds": 0.2, "head_seconds": 0.2}) as connect:
            reader, writer = await connect()
            writer.write(sent)
            assert await is_dropped(reader)
    assert [] == [entry for entry in logs if entry["event"] == "peer_rejected"]
