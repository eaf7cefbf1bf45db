"""Connections that a store closes between two requests: no message fails for it, and none is stored twice."""

import asyncio
import random
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.rest.connecting.dialer import Dialer, Trust
from adapters.rest.http.client import Client
from adapters.rest.http.connection import Connection
from adapters.rest.http.exchange import Streamed
from adapters.rest.http.http1 import Failure
from adapters.rest.http.reply import Reply
from adapters.rest.settings import RestSettings
from gateway.contract.body import Buffer
from gateway.contract.outcome import Unavailable
from tests.certificates import Authority
from tests.impatient_store import OK, Behaviour, impatient_store

FAILS = b"HTTP/1.1 500 Sorry\r\nContent-Length: 0\r\n\r\n"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"

IDLE = 0.02
SENDERS, EACH = 4, 50
IMPATIENT = {
    "closes an idle connection": Behaviour(idle=IDLE),
    "says first that it has waited too long": Behaviour(idle=IDLE, last_words=TIMED_OUT),
    "hangs up after a failure": Behaviour(
        reply=lambda number, _: FAILS if number % 10 == 0 else OK, afterwards=lambda number, _: number % 10 != 0
    ),
    "hangs up after each reply": Behaviour(afterwards=lambda *_: False),
}


@pytest.mark.parametrize("behaviour", IMPATIENT.values(), ids=IMPATIENT)
async def test_nothing_fails_for_a_stale_connection(behaviour: Behaviour) -> None:
    """Of 200 messages, sent just when connections are closed, each is answered by the store, and reaches it once.

    The first one goes ahead: from it the client learns what the store is like. Until then a store that hangs up while
    a request waits unread in its own system cannot be told from one that has read it.
    """

    async def send(client: Client, sender: int) -> list[Reply | Unavailable]:
        moments = random.Random(sender)
        results = []
        for number in range(EACH):
            results.append(await client.request("POST", store.url, {}, f"message {sender} {number}".encode()))
            await asyncio.sleep(moments.uniform(0.7, 1.3) * (behaviour.idle or 0))
        return results

    with impatient_store(behaviour) as store:
        async with Client(RestSettings(url=store.url)) as client:
            await client.request("POST", store.url, {}, b"first")
            await asyncio.gather(*(connection.closed for connection in client._pool._open))
            results = await asyncio.gather(*(send(client, sender) for sender in range(SENDERS)))
    assert [] == [result for each in results for result in each if isinstance(result, Unavailable)]
    assert SENDERS * EACH + 1 == len(store.bodies) == len(set(store.bodies))


# What follows makes the worst case certain: the end of the connection is on its way when the request is sent.


class HangsUp:
    """Closes the connection after the first reply, when it is told to."""

    def __init__(self, close: Callable[[socket.socket], None] = socket.socket.close) -> None:
        self._close = close
        self._go, self._done = threading.Event(), threading.Event()

    def __call__(self, number: int, connection: socket.socket) -> bool:
        """Take the end of a reply."""
        if number > 0:
            return True
        assert self._go.wait(30)
        self._close(connection)
        self._done.set()
        return False

    def wait(self) -> None:
        """Hold up the event loop while the first connection is closed."""
        self._go.set()
        assert self._done.wait(30)

    def wait_unread(self, client: Client) -> None:
        """Let the loop read it only after the first part of the next request was sent."""
        (connection,) = client._pool._idle
        connection._transport.pause_reading()
        self.wait()
        asyncio.get_running_loop().call_later(0.1, connection._transport.resume_reading)


def close_tls(connection: socket.socket) -> None:
    """Send close_notify, and do not wait for the other side's."""
    assert isinstance(connection, ssl.SSLSocket)
    connection.settimeout(0)
    with suppress(ssl.SSLWantReadError):
        connection.unwrap()
    connection.close()


def reset(connection: socket.socket) -> None:
    """Close with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.fixture
def unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """See nothing at the last look before a request, as while the end of the connection is on its way."""
    monkeypatch.setattr("adapters.rest.connecting.tcp.Watch.is_quiet", lambda _: True)


def as_streamed(*parts: bytes) -> Callable[[], Streamed]:
    """Return a maker of a body whose chunks pass once."""

    async def chunks() -> AsyncIterator[Buffer]:
        for part in parts:
            yield part
            await asyncio.sleep(0.01)  # what the loop has to tell arrives between two chunks

    return lambda: Streamed(chunks(), None)


BODIES: dict[str, tuple[Callable[[], bytes | Streamed], bytes]] = {
    "in one write": (lambda: b"second", b"second"),
    "in many writes": (lambda: b"second" * 200_000, b"second" * 200_000),
    "while it arrives": (as_streamed(b"sec", b"ond"), b"3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n"),
    "whole when it is sent": (as_streamed(b"second"), b"6\r\nsecond\r\n0\r\n\r\n"),
}


@pytest.mark.usefixtures("unnoticed")
@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES)
async def test_request_that_was_not_heard_is_sent_again(body: Callable[[], bytes | Streamed], expected: bytes) -> None:
    """A request on a closed connection is sent again on another one, whatever it asks for."""
    hangs_up = HangsUp()
    with impatient_store(Behaviour(afterwards=hangs_up)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            hangs_up.wait_unread(client)
            assert isinstance(await client.request("POST", store.url, {}, body()), Reply)
    assert [b"first", expected] == store.bodies


@pytest.mark.usefixtures("unnoticed")
@pytest.mark.parametrize("held", [1024 * 1024, 200], ids=["", "more than is held"])
async def test_chunk_that_comes_between_two_connections(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    """Chunks that arrive while another connection is opened are sent on it, after those sent before."""
    monkeypatch.setattr("adapters.rest.http.upload.HELD", held)
    dial = Dialer.dial
    dialed = 0

    async def slow_dial(self: Dialer, protocol: Callable[[socket.socket], Connection]) -> Connection | Failure:
        nonlocal dialed
        dialed += 1
        await asyncio.sleep(0 if dialed == 1 else 0.3)
        return await dial(self, protocol)

    monkeypatch.setattr(Dialer, "dial", slow_dial)
    hangs_up = HangsUp()
    with impatient_store(Behaviour(afterwards=hangs_up)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            hangs_up.wait()
            body = as_streamed(b"sec", b"ond" * 100, b"third")()
            assert isinstance(await client.request("POST", store.url, {}, body), Reply)
    assert [b"first", b"3\r\nsec\r\n12c\r\n%b\r\n5\r\nthird\r\n0\r\n\r\n" % (b"ond" * 100)] == store.bodies


SENT_AT_ONCE = {name: case for name, case in BODIES.items() if name != "in many writes"}


@pytest.mark.usefixtures("unnoticed")
@pytest.mark.parametrize(("body", "expected"), SENT_AT_ONCE.values(), ids=SENT_AT_ONCE)
async def test_the_same_over_tls(
    tmp_path: Path,
    body: Callable[[], bytes | Streamed],
    expected: bytes,
) -> None:
    """The same holds with TLS if the end is read before the next write."""
    authority = Authority(tmp_path)
    pair = authority.issue("store")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pair.certificate, pair.key)
    trusting = ssl.create_default_context(cafile=str(authority.certificate))
    hangs_up = HangsUp(close_tls)
    with impatient_store(Behaviour(afterwards=hangs_up, tls=server)) as store:
        async with Client(RestSettings(url=store.url), Trust(store=lambda: trusting)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            hangs_up.wait()
            assert isinstance(await client.request("POST", store.url, {}, body()), Reply)
    assert [b"first", expected] == store.bodies


@pytest.mark.usefixtures("unnoticed")
async def test_reset_is_no_proof() -> None:
    """After a reset it is unknown whether the store has read the request: it is not sent again."""
    hangs_up = HangsUp(reset)
    with impatient_store(Behaviour(afterwards=hangs_up)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            hangs_up.wait_unread(client)
            result = await client.request("POST", store.url, {}, b"second")
    assert Unavailable("the connection to the store broke", maybe_stored=True) == result
    assert [b"first"] == store.bodies


async def test_request_that_was_heard_is_not_sent_again() -> None:
    """A store that reads a request and closes without a reply may hold the message."""
    with impatient_store(Behaviour(reply=lambda number, _: OK if number == 0 else b"", afterwards=is_first)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            result = await client.request("POST", store.url, {}, b"second")
    assert Unavailable("the store closed the connection without a reply", maybe_stored=True) == result
    assert [b"first", b"second"] == store.bodies


def is_first(number: int, _connection: socket.socket) -> bool:
    """Keep the connection after the first reply."""
    return number == 0


@pytest.mark.usefixtures("unnoticed")
async def test_body_too_large_to_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a body that passes once no more than HELD octets are held; where that is not all, nothing is stored."""
    monkeypatch.setattr("adapters.rest.http.upload.HELD", 5)
    hangs_up = HangsUp()
    with impatient_store(Behaviour(afterwards=hangs_up)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            hangs_up.wait_unread(client)
            result = await client.request("POST", store.url, {}, as_streamed(b"sec", b"ond")())
    assert Unavailable("the store closed the connection without a reply") == result
    assert [b"first"] == store.bodies


@pytest.mark.usefixtures("unnoticed")
async def test_last_words_on_an_idle_connection() -> None:
    """A 408 that was sent before the request arrived is about the idle connection (RFC 9110 15.5.9)."""

    def say_and_close(connection: socket.socket) -> None:
        connection.sendall(TIMED_OUT)
        connection.close()

    hangs_up = HangsUp(say_and_close)
    with impatient_store(Behaviour(afterwards=hangs_up)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            hangs_up.wait_unread(client)
            assert isinstance(await client.request("POST", store.url, {}, b"second"), Reply)
    assert [b"first", b"second"] == store.bodies


TAKEN: dict[str, Callable[[], bytes | Streamed]] = {
    "in one write": lambda: b"second",
    "while it arrives": as_streamed(b"sec", b"ond"),
}


@pytest.mark.parametrize("body", TAKEN.values(), ids=TAKEN)
async def test_408_for_a_request_that_was_taken(body: Callable[[], bytes | Streamed]) -> None:
    """A request that the endpoint has read and answered with 408 is not sent a second time."""
    behaviour = Behaviour(reply=lambda number, _: TIMED_OUT if number == 1 else OK)
    with impatient_store(behaviour) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            result = await client.request("POST", store.url, {}, body())
    assert isinstance(result, Reply)
    assert (408, True, 2) == (result.status, result.whole, len(store.bodies))


async def test_late_second_reply() -> None:
    """Unread octets on an idle connection are not taken for the reply to the next request."""

    def say_more(connection: socket.socket) -> None:
        connection.sendall(OK.replace(b"ok", b"no"))
        connections.append(connection.dup())  # which keeps it open

    connections: list[socket.socket] = []
    hangs_up = HangsUp(say_more)
    with impatient_store(Behaviour(afterwards=hangs_up)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            hangs_up.wait_unread(client)
            result = await client.request("POST", store.url, {}, b"second")
    assert isinstance(result, Reply)
    assert (b"ok", 2) == (result.body, store.connections)
    connections[0].close()


async def test_limit_is_learnt() -> None:
    """Once a store has closed an idle connection, the others are kept for half the time at most."""
    loop = asyncio.get_running_loop()
    with impatient_store(Behaviour(idle=0.2)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            before = loop.time()
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            (connection,) = client._pool._open
            await connection.closed
            assert 0.05 < client._pool._limit.seconds() <= (loop.time() - before) / 2


async def test_announced_limit() -> None:
    """If a store announces that it closes after a second, Hilum closes earlier."""
    reply = OK.replace(b"\r\n\r\n", b"\r\nKeep-Alive: timeout=1, max=100\r\n\r\n")
    with impatient_store(Behaviour(reply=lambda *_: reply)) as store:
        async with Client(RestSettings(url=store.url)) as client:
            assert isinstance(await client.request("POST", store.url, {}, b"first"), Reply)
            (connection,) = client._pool._open
            await connection.closed
