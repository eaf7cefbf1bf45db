"""A connection between requests, and in requests that fail."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from adapters.rest.connecting.dialer import Dialer, Origin
from adapters.rest.connecting.idle import IdleLimit
from adapters.rest.http.client import Client
from adapters.rest.http.connection import Connection
from adapters.rest.http.exchange import Streamed
from adapters.rest.http.http1 import UNHEARD
from adapters.rest.http.reply import Limits, Reply
from adapters.rest.settings import RestSettings
from gateway.contract.body import Buffer
from gateway.contract.outcome import Unavailable

Start = Callable[..., Awaitable[str]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Store:
    """Answers each request, whose body ends in ``message``, with *reply* and tells when a connection ends."""

    def __init__(self, reply: bytes = OK) -> None:
        self.reply = reply
        self.connections = 0
        self.gone = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        self.connections += 1
        try:
            while True:
                await reader.readuntil(b"message")
                writer.write(self.reply)
        except asyncio.IncompleteReadError:
            self.gone.set()


async def post(client: Client, url: str) -> Reply | Unavailable:
    """Send one message."""
    return await client.request("POST", url, {}, b"message")


async def test_idle_connection_is_closed(listen: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is not used for some time is closed from here."""
    monkeypatch.setattr("adapters.rest.connecting.idle.LONGEST", 0.05)
    store = Store()
    url = await listen(store)
    async with Client(RestSettings(url=url)) as client:
        assert isinstance(await post(client, url), Reply)
        await store.gone.wait()
        assert isinstance(await post(client, url), Reply)
    assert 2 == store.connections


MORE = {
    "says that it closes": OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    "speaks HTTP/1.0": OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "says more than was asked": OK + OK,
    "adds rubbish": OK + b"x",
}


@pytest.mark.parametrize("reply", MORE.values(), ids=MORE)
async def test_connection_is_not_used_again(listen: Start, reply: bytes) -> None:
    """A connection is not used again if octets were left that could be taken for the next reply."""
    store = Store(reply)
    url = await listen(store)
    async with Client(RestSettings(url=url)) as client:
        for _ in range(3):
            result = await post(client, url)
            assert isinstance(result, Reply)
            assert b"ok" == result.body
    assert 3 == store.connections


async def test_unasked_reply_on_an_idle_connection(listen: Start) -> None:
    """Octets that a store sends between two requests are no reply to the second."""
    store = Store()
    writers: list[asyncio.StreamWriter] = []

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await store(reader, writer)

    url = await listen(conversation)
    async with Client(RestSettings(url=url)) as client:
        assert isinstance(await post(client, url), Reply)
        writers[0].write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        await store.gone.wait()
        result = await post(client, url)
    assert isinstance(result, Reply)
    assert (200, 2) == (result.status, store.connections)


async def test_store_that_speaks_first(listen: Start) -> None:
    """If a store refuses a connection with a reply, the reply counts, read request or not."""

    async def overloaded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 7\r\n\r\n")
        await reader.read()

    url = await listen(overloaded)
    async with Client(RestSettings(url=url)) as client:
        result = await post(client, url)
    assert isinstance(result, Reply)
    assert (503, 7.0) == (result.status, result.retry_after)


async def test_success_before_everything_was_taken(listen: Start) -> None:
    """A store that answers 200 without having read to the end cannot have stored the message."""

    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(OK)
        await asyncio.Event().wait()

    url = await listen(hasty)
    async with Client(RestSettings(url=url)) as client:
        result = await client.request("POST", url, {}, bytes(32 * 1024 * 1024))
    assert Unavailable("the store replied before it had the whole message", maybe_stored=True) == result


async def test_store_that_leaves_while_the_peer_is_slow(listen: Start) -> None:
    """The end of the connection is noticed while the body waits for its next chunk."""
    closed = asyncio.Event()

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"first")

    async def chunks() -> AsyncIterator[Buffer]:
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            closed.set()

    url = await listen(leave)
    async with Client(RestSettings(url=url)) as client:
        result = await client.request("POST", url, {}, Streamed(chunks(), None))
    assert isinstance(result, Unavailable)
    assert result.reason in {"the store closed the connection without a reply", "the connection to the store broke"}
    assert closed.is_set()


async def test_connection_takes_no_request_after_its_end(listen: Start) -> None:
    """Writing to a connection that has ended does nothing, on either event loop."""

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Close the connection."""

    limits, idle = Limits(1, 1000, 300), IdleLimit(asyncio.get_running_loop().time)
    connection = await Dialer(Origin(await listen(leave)), 5).dial(lambda socket: Connection(socket, limits, idle))
    assert isinstance(connection, Connection)
    await connection.closed
    connection.begin(None)
    connection.write(b"message")
    await connection.wait_for_reply()
    assert not connection.rest()
    assert not connection.is_usable()


async def test_store_that_hears_nothing() -> None:
    """A store that accepts a connection and closes it at once has received nothing of the request."""
    limits, idle = Limits(1, 1000, 300), IdleLimit(asyncio.get_running_loop().time)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        dialer = Dialer(Origin(f"http://127.0.0.1:{listening.getsockname()[1]}"), 5)
        connection = await dialer.dial(lambda connected: Connection(connected, limits, idle))
        listening.accept()[0].close()
    assert isinstance(connection, Connection)
    connection.begin(None)
    connection.write(b"message")
    connection.end_request()
    await connection.wait_for_reply()
    assert UNHEARD == connection.reply.failure
    await connection.closed
