"""Places, time limits and ends of connections."""

import asyncio
from pathlib import Path

import pytest

from adapters.http.serving import connection, server
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Response, Stored
from tests.adapters.http.conftest import Serve
from tests.adapters.http.fakes import FakeDelivery, ask, raw, request
from tests.adapters.mllp.fakes import FakeMeter
from tests.adapters.tls_acceptors import tls_acceptor_of
from tests.certificates import Authority


async def until(meter: FakeMeter, reason: Rejection) -> None:
    """Wait until the reason is counted."""
    async with asyncio.timeout(30):
        while reason not in meter.rejections:
            await asyncio.sleep(0.01)


async def test_a_slow_head(serve: Serve, meter: FakeMeter) -> None:
    """A peer that sends a head octet by octet is answered with 408 and disconnected."""
    async with raw((await serve(head_seconds=0.3)).port) as client:

        async def trickle() -> None:
            for octet in request():
                client.send(bytes([octet]))
                await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert 408 == (await client.response()).status
        assert await client.is_closed()
        trickling.cancel()
    assert ([Rejection.MESSAGE_TIMEOUT], ["408"]) == (meter.rejections, meter.answers)


async def test_a_slow_head_after_a_request(serve: Serve, meter: FakeMeter) -> None:
    """The limit counts for each request anew."""
    async with raw((await serve(head_seconds=0.3)).port) as client:
        client.send(request())
        assert 201 == (await client.response()).status
        client.send(b"POST /fhir")
        assert 408 == (await client.response()).status
    assert ["201", "408"] == meter.answers


async def test_after_the_last_answer(serve: Serve, meter: FakeMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a peer sends after its body was refused is no new request: it gets no second answer, and is disconnected."""
    monkeypatch.setattr(server, "LINGER_SECONDS", 1.0)
    async with raw((await serve(head_seconds=0.2, idle_seconds=0.5, max_body=10)).port) as client:

        async def trickle() -> None:
            while True:
                client.send(b"x")
                await asyncio.sleep(0.05)

        client.send(request(body=b"x", Content_Length="1000"))
        trickling = asyncio.create_task(trickle())
        assert 413 == (await client.response()).status
        assert await client.is_closed()
        trickling.cancel()
    assert ([Rejection.TOO_LARGE], ["413"]) == (meter.rejections, meter.answers)


async def test_silence(serve: Serve, meter: FakeMeter) -> None:
    """A peer that sends nothing is disconnected, before its first request and between two."""
    listener = await serve(idle_seconds=0.3)
    async with raw(listener.port) as client:
        assert await client.is_closed()
    async with raw(listener.port) as client:
        client.send(request())
        await client.response()
        assert await client.is_closed()
    assert [Rejection.IDLE_TIMEOUT] * 2 == meter.rejections


async def test_a_slow_store_is_no_silence(serve: Serve, delivery: FakeDelivery) -> None:
    """While a request is delivered no time limit of the peer runs."""
    listener = await serve(idle_seconds=0.1, head_seconds=0.1, message_seconds=0.1)
    delivery.may_go_on.clear()
    async with raw(listener.port) as client:
        client.send(request())
        await delivery.began.wait()
        await asyncio.sleep(0.5)
        delivery.may_go_on.set()
        assert 201 == (await client.response()).status


async def test_a_peer_that_does_not_read(serve: Serve, delivery: FakeDelivery, meter: FakeMeter) -> None:
    """A peer that does not read a large answer is cut off."""
    delivery.outcome = Stored(response=Response(200, (), b"x" * (32 << 20)))
    async with raw((await serve(write_seconds=0.3)).port) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.send(request())
        await until(meter, Rejection.WRITE_TIMEOUT)
    assert [] == meter.answers


async def test_half_closed(serve: Serve) -> None:
    """A peer that closes its side behind its request gets the answer."""
    async with raw((await serve()).port) as client:
        client.send(request())
        client.writer.write_eof()
        assert 201 == (await client.response()).status
        assert await client.is_closed()


async def test_half_closed_before_the_end(serve: Serve, delivery: FakeDelivery) -> None:
    """A request whose rest does not come is not delivered."""
    async with raw((await serve(message_seconds=0.3)).port) as client:
        client.send(request()[:-1])
        client.writer.write_eof()
        assert 408 == (await client.response()).status
    assert [] == delivery.messages


async def test_a_probe(serve: Serve, meter: FakeMeter) -> None:
    """A load balancer that connects and leaves is no fault."""
    listener = await serve()
    async with raw(listener.port) as client:
        client.writer.write_eof()
        assert await client.is_closed()
    assert [] == meter.rejections


async def test_too_many_of_one_peer(serve: Serve, meter: FakeMeter) -> None:
    """A further connection of an address at its limit is rejected while the others are new."""
    listener = await serve(max_connections_per_peer=2)
    async with raw(listener.port) as first, raw(listener.port) as second:
        for client in (first, second):
            client.send(request())
            await client.response()
        async with raw(listener.port) as third:
            assert await third.is_closed()
    assert [Rejection.PEER_LIMIT] == meter.rejections


async def test_silent_peers_are_displaced(serve: Serve, meter: FakeMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full port gives the place of a silent connection to a new one."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", 0)
    listener = await serve(max_connections=1)
    async with raw(listener.port) as silent, raw(listener.port) as client:
        assert await silent.is_closed()
        client.send(request())
        assert 201 == (await client.response()).status
    assert [Rejection.DISPLACED] == meter.rejections


async def test_a_network_that_may_not(serve: Serve, meter: FakeMeter) -> None:
    """Other networks are disconnected at once."""
    async with raw((await serve(allow_networks=["10.0.0.0/8"])).port) as client:
        assert await client.is_closed()
    assert [Rejection.NETWORK] == meter.rejections


async def test_tls_on_a_plain_port(serve: Serve, meter: FakeMeter) -> None:
    """A TLS handshake is recognised and told."""
    async with raw((await serve()).port) as client:
        client.send(bytes.fromhex("1603010200010001fc0303") + bytes(100))
        assert await client.is_closed()
    assert [Rejection.TLS_ON_PLAIN_PORT] == meter.rejections


async def test_a_late_timer(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer that fires late gives the peer another moment: its octets may be in the socket."""
    monkeypatch.setattr(connection, "is_late", lambda due, now: True)
    monkeypatch.setattr(connection, "LOOK_AGAIN_SECONDS", 30)
    async with raw((await serve(idle_seconds=0.05)).port) as client:
        await asyncio.sleep(0.3)
        client.send(request())
        assert 201 == (await client.response()).status


async def test_over_tls(serve: Serve, tmp_path: Path, delivery: FakeDelivery) -> None:
    """The same over TLS, with an answer larger than any buffer."""
    authority = Authority(tmp_path)
    delivery.outcome = Stored(response=Response(200, (), b"x" * (4 << 20)))
    listener = await serve(tls_acceptor=tls_acceptor_of(authority))
    reader, writer = await asyncio.open_connection("localhost", listener.port, ssl=authority.client())
    writer.write(request())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"200" in head.split(b"\r\n")[0]
    assert 4 << 20 == len(await reader.readexactly(4 << 20))
    writer.close()


async def test_two_peers(serve: Serve) -> None:
    """One peer in the middle of a head does not hold up another."""
    listener = await serve()
    async with raw(listener.port) as slow:
        slow.send(b"POST /fhir/Patient HTTP/1.1\r\n")
        assert 201 == (await ask(listener.port, request())).status
