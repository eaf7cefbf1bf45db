"""A connection over TLS: flow control, socket options, and its end."""

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.mllp.framing import frame
from adapters.mllp.listener import MllpListener
from adapters.mllp.serving.backlog import MOST_QUEUED_OCTETS
from adapters.mllp.serving.connection import Connection
from gateway.contract.listener import TlsAcceptor
from gateway.contract.meter import Rejection
from gateway.contract.outcome import Stored
from tests.adapters.mllp.conftest import Serve
from tests.adapters.mllp.fakes import FakeDelivery, FakeMeter
from tests.adapters.tls_acceptors import tls_acceptor_of
from tests.certificates import Authority
from tests.mllp_client import adt, code_of, mllp_client

LARGE_REPLY = b"MSH|^~\\&|" + b"x" * 12_000_000


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Make a CA."""
    return Authority(tmp_path)


@pytest.fixture
def tls_acceptor(authority: Authority) -> TlsAcceptor:
    """Make the TLS acceptor in front of the listener."""
    return tls_acceptor_of(authority)


@pytest.fixture
def tls(authority: Authority) -> ssl.SSLContext:
    """Make a peer's context."""
    return authority.client()


async def connection(listener: MllpListener) -> Connection:
    """Return the only connection, once it is there."""
    async with asyncio.timeout(60):
        while not listener._service.connections:
            await asyncio.sleep(0.005)
    (only,) = listener._service.connections
    return only


async def write_slowly(writer: asyncio.StreamWriter, pieces: list[bytes]) -> None:
    """Write each piece when there is room for it."""
    for piece in pieces:
        writer.write(piece)
        await writer.drain()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_messages(
    serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext, meter: FakeMeter, version: ssl.TLSVersion
) -> None:
    """Messages are answered in their order, pipelined ones too, over each version of TLS."""
    tls.minimum_version = tls.maximum_version = version
    listener = await serve(tls_acceptor=tls_acceptor)
    async with mllp_client(listener.port, tls) as client:
        client.writer.write(b"".join(frame(adt(f"C{number}")) for number in range(50)))
        assert ["AA"] * 50 == [code_of(await client.answer()) for _ in range(50)]
    assert [] == meter.rejections


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_handshake_has_no_write_limit(
    serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    """Writing is limited from the first answer on: the rest of the handshake does not count as an unread answer."""
    tls.minimum_version = tls.maximum_version = version
    listener = await serve(tls_acceptor=tls_acceptor)
    async with mllp_client(listener.port, tls) as client:
        peer = await connection(listener)
        for _ in range(5):
            await asyncio.sleep(0)
        assert peer._transport.get_write_buffer_limits()[1] > 1
        await client.ask(adt("C1"))
        assert 1 == peer._transport.get_write_buffer_limits()[1]


async def test_socket_options(serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext) -> None:
    """The socket below TLS is tuned like any other."""
    listener = await serve(tls_acceptor=tls_acceptor)
    async with mllp_client(listener.port, tls):
        sock = (await connection(listener))._socket
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


async def test_back_pressure(
    serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """A peer that pipelines is not read while enough is queued, and loses nothing."""
    listener = await serve(tls_acceptor=tls_acceptor)
    delivery.hold()
    async with mllp_client(listener.port, tls) as client:
        payload = adt("C") + b"NTE|" + b"x" * 100_000
        sending = asyncio.create_task(write_slowly(client.writer, [frame(payload)] * 200))
        peer = await connection(listener)
        async with asyncio.timeout(60):
            while not peer._gate.is_closed:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        assert peer._incoming.octets < 2 * MOST_QUEUED_OCTETS
        assert not sending.done()
        delivery.may_go_on.set()
        assert ["AA"] * 200 == [code_of(await client.answer()) for _ in range(200)]
        await sending


async def test_peer_that_does_not_read(
    serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """A peer that does not read its answers is dropped over TLS too."""
    delivery.outcome = Stored(reply=LARGE_REPLY)
    listener = await serve(tls_acceptor=tls_acceptor, write_seconds=0.2)
    async with mllp_client(listener.port, tls) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.writer.write(frame(adt("C1")) * 3)
        async with asyncio.timeout(60):
            while not meter.rejections or listener.tasks:
                await asyncio.sleep(0.005)
        client.writer.transport.abort()
    assert [Rejection.WRITE_TIMEOUT] == meter.rejections


async def test_goodbye_while_delivering(
    serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """TLS ends in both directions: the message is delivered, and its answer is not logged as sent."""
    listener = await serve(tls_acceptor=tls_acceptor)
    delivery.hold()
    with capture_logs() as logs:
        async with mllp_client(listener.port, tls) as client:
            client.writer.write(frame(adt("C1")))
            await delivery.began.wait()
        peer = await connection(listener)
        async with asyncio.timeout(60):
            while not peer._transport.is_closing():
                await asyncio.sleep(0.005)
        delivery.may_go_on.set()
        async with asyncio.timeout(60):
            await asyncio.wait(listener.tasks)
    assert {"C1": 1} == delivery.finished
    assert [] == meter.answers
    assert [Rejection.PEER_LOST] == meter.rejections
    assert "answer_undeliverable" in [each["event"] for each in logs]


async def say_goodbye_behind(port: int, tls: ssl.SSLContext, octets: bytes) -> bytes:
    """Shake hands, send *octets* and close_notify at once, and wait for what comes back, in the clear."""
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = tls.wrap_bio(inward, outward, server_hostname="127.0.0.1")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        try:
            session.do_handshake()
            break
        except ssl.SSLWantReadError:
            writer.write(outward.read())
            inward.write(await reader.read(1 << 16))
    session.write(octets)
    with contextlib.suppress(ssl.SSLWantReadError):
        session.unwrap()
    writer.write(outward.read())
    inward.write(await reader.read())
    writer.close()
    with contextlib.suppress(ssl.SSLZeroReturnError):
        return session.read(1 << 16)
    return b""


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_goodbye_behind_a_message(
    serve: Serve,
    tls_acceptor: TlsAcceptor,
    tls: ssl.SSLContext,
    delivery: FakeDelivery,
    meter: FakeMeter,
    version: ssl.TLSVersion,
) -> None:
    """The message is delivered; the event loop ends both directions, so the answer is lost, which is logged."""
    tls.minimum_version = tls.maximum_version = version
    listener = await serve(tls_acceptor=tls_acceptor)
    with capture_logs() as logs:
        assert b"" == await asyncio.wait_for(say_goodbye_behind(listener.port, tls, frame(adt("C1"))), 60)
        async with asyncio.timeout(60):
            while listener.tasks or not delivery.finished:
                await asyncio.sleep(0.005)
    assert {"C1": 1} == delivery.finished
    assert [] == meter.answers
    assert "answer_undeliverable" in [each["event"] for each in logs]


async def test_answer_before_the_end(
    serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext, delivery: FakeDelivery, meter: FakeMeter
) -> None:
    """A peer that sends a good block and then garbage gets the answer to the block, then the end of the connection."""
    listener = await serve(tls_acceptor=tls_acceptor)
    async with mllp_client(listener.port, tls) as client:
        client.writer.write(frame(adt("C1")) + b"nonsense" * 1000)
        answers = await asyncio.wait_for(client.reader.read(), 5)
    assert b"\rMSA|AA|C1\r" in answers
    assert [Rejection.BROKEN_FRAMING] == meter.rejections


async def test_drain(serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext, delivery: FakeDelivery) -> None:
    """At the end idle peers leave at once, busy ones with their answer."""
    listener = await serve(tls_acceptor=tls_acceptor)
    async with mllp_client(listener.port, tls) as idle, mllp_client(listener.port, tls) as busy:
        await idle.ask(adt("C1"))
        delivery.hold()
        delivery.began.clear()
        busy.writer.write(frame(adt("C2")))
        await delivery.began.wait()
        listener.stop_accepting()
        assert b"" == await asyncio.wait_for(idle.reader.read(), 1)
        delivery.may_go_on.set()
        assert b"\rMSA|AA|C2\r" in await asyncio.wait_for(busy.reader.read(), 1)
        async with asyncio.timeout(1):
            while listener.tasks:
                await asyncio.sleep(0.005)


async def test_too_large_is_answered(
    serve: Serve, tls_acceptor: TlsAcceptor, tls: ssl.SSLContext, meter: FakeMeter
) -> None:
    """A sender that reads only after it has sent all of a too large block still gets the refusal."""
    listener = await serve(tls_acceptor=tls_acceptor, max_block=1000)
    async with mllp_client(listener.port, tls) as client:
        await write_slowly(client.writer, [b"\x0b" + adt("C1"), *[bytes(1 << 16)] * 500, b"\x1c\r"])
        assert b"\rMSA|AE|C1\r" in await client.answer()
    assert [Rejection.TOO_LARGE] == meter.rejections
