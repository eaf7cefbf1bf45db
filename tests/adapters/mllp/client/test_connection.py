"""One connection over a real socket: how it ends, and what TLS hides."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.mllp.client.connection import Connection
from adapters.mllp.client.events import Answered, Cause, MaybeSent, NotSent
from adapters.mllp.client.outgoing import Outgoing
from adapters.mllp.client.rules import Rules
from gateway.contract.connecting import CLOSED_BEHIND_HANDSHAKE, NOT_TRUSTED_HERE, WANTS_CERTIFICATE
from gateway.contract.sockets import reset_at_close
from tests.adapters.mllp.client.receiver import ack, receiving
from tests.certificates import Authority
from tests.mllp_client import adt

MESSAGE = Outgoing(adt("C1"), b"C1", b"C1")
LARGE = Outgoing(adt("C1") + b"OBX|" + b"A" * 50_000_000, b"C1", b"C1")


async def dial(port: int, tls: ssl.SSLContext | None = None) -> Connection:
    """Return a new connection."""
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: Connection(Rules()), "127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None
    )
    return connection


async def test_answered() -> None:
    """A message gets its answer."""
    async with receiving() as receiver:
        connection = await dial(receiver.port)
        assert Answered("AA", ack(adt("C1"))[1:-2], is_positive=True) == await connection.exchange(MESSAGE, 20, 5)
        assert ("127.0.0.1", True) == (connection.peer_ip, connection.is_usable(b"C2", 60))
        connection.close()
        await connection.closed


async def unread(end: Callable[[socket.socket], None]) -> Answered | MaybeSent | NotSent | None:
    """Send a large message to a receiver that reads nothing and ends the connection so."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        connection = await dial(server.getsockname()[1])
        accepted, _ = await asyncio.get_running_loop().sock_accept(server)
        task = asyncio.create_task(connection.exchange(LARGE, 20, 5))
        while not connection._is_paused:
            await asyncio.sleep(0.01)
        end(accepted)
        accepted.close()
        return await task


@pytest.mark.parametrize("end", [reset_at_close, lambda _: None], ids=["reset", "close"])
async def test_not_sent(end: Callable[[socket.socket], None]) -> None:
    """A connection that ends while octets are still ours has not brought the message."""
    assert NotSent() == await unread(end)


async def test_not_reading() -> None:
    """Nor has one whose receiver does not read in time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = await dial(server.getsockname()[1])
        assert NotSent(Cause.NOT_READING) == await connection.exchange(LARGE, 0.2, 5)


async def test_reset() -> None:
    """A reset behind the message leaves it as maybe sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        connection = await dial(server.getsockname()[1])
        accepted, _ = await asyncio.get_running_loop().sock_accept(server)
        task = asyncio.create_task(connection.exchange(MESSAGE, 20, 5))
        await asyncio.get_running_loop().sock_recv(accepted, 10)
        reset_at_close(accepted)
        accepted.close()
        assert isinstance(await task, MaybeSent)


@pytest.mark.parametrize(("said", "cause"), [(b"220 ESMTP\r\n", Cause.SPOKE_FIRST), (b"", Cause.CLOSED_FIRST)])
async def test_not_sent_to_who_speaks_first(said: bytes, cause: Cause) -> None:
    """Nothing is sent on a connection that was unusable before: not to another protocol, not behind its end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = await dial(server.getsockname()[1])
        accepted, _ = server.accept()
        with accepted:
            accepted.sendall(said)
            if not said:
                accepted.shutdown(socket.SHUT_WR)
            while not connection.line.is_closed:
                await asyncio.sleep(0.01)
            assert NotSent(cause) == await connection.exchange(MESSAGE, 20, 5)


async def test_not_half_closed() -> None:
    """Our side is never closed alone: some receivers do not answer behind that."""
    ends: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        block = await reader.readuntil(b"\x1c\r")
        ends.append(b"open" if not reader.at_eof() else b"ended")
        writer.write(ack(block[1:-2]))
        ends.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        connection = await dial(server.sockets[0].getsockname()[1])
        assert isinstance(await connection.exchange(MESSAGE, 20, 5), Answered)
        connection.close()
        await connection.closed
        while len(ends) < 2:
            await asyncio.sleep(0.01)
    assert [b"open", b""] == ends


async def test_end_that_the_loop_has_not_seen() -> None:
    """A connection whose FIN is in the kernel is not usable."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = await dial(server.getsockname()[1])
        accepted, _ = server.accept()
        connection.used_at = asyncio.get_running_loop().time()
        assert connection.is_usable(b"C1", 60)
        accepted.close()
        assert not connection.is_usable(b"C1", 60)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Return a CA."""
    return Authority(tmp_path)


def server_of(authority: Authority, version: ssl.TLSVersion, client_ca: Path | None = None) -> ssl.SSLContext:
    """Return the context of a receiver, which demands a certificate of *client_ca*."""
    pair = authority.issue("receiver")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(pair.certificate, pair.key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.mark.parametrize("version", VERSIONS)
async def test_tls(version: ssl.TLSVersion, authority: Authority) -> None:
    """A message of any size goes over TLS, with a client certificate."""
    context = authority.client(authority.issue("hilum", key=2))
    async with receiving(tls=server_of(authority, version, authority.certificate)) as receiver:
        connection = await dial(receiver.port, context)
        body = adt("C1") + b"OBX|" + b"A" * 3_000_000 + b"\r"
        verdict = await connection.exchange(Outgoing(body, b"C1", b"C1"), 30, 5)
        again = await connection.exchange(Outgoing(adt("C2"), b"C2", b"C2"), 30, 5)
        connection.close()
    assert (Answered, Answered) == (type(verdict), type(again))
    assert [body, adt("C2")] == receiver.blocks


async def test_refused_certificate_of_1_2(authority: Authority) -> None:
    """TLS 1.2 tells that it wants a certificate before anything is sent."""
    async with receiving(tls=server_of(authority, VERSIONS[0], authority.certificate)) as receiver:
        with pytest.raises(OSError):  # noqa: PT011  an SSLError or a reset
            await dial(receiver.port, authority.client())


async def test_refused_certificate_of_1_3(authority: Authority) -> None:
    """TLS 1.3 tells it only behind the message; the cause is named, whether an alert comes or a plain end."""
    async with receiving(tls=server_of(authority, VERSIONS[1], authority.certificate)) as receiver:
        connection = await dial(receiver.port, authority.client())
        verdict = await connection.exchange(MESSAGE, 30, 5)
    expected = [
        NotSent(WANTS_CERTIFICATE),
        NotSent(NOT_TRUSTED_HERE),
        MaybeSent(CLOSED_BEHIND_HANDSHAKE),
    ]
    assert verdict in expected
    assert [] == receiver.blocks


async def dribble(writer: asyncio.StreamWriter) -> None:
    """Send stray octets for as long as the other side reads."""
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b"\r")
            await writer.drain()
            await asyncio.sleep(0.02)


async def test_octets_do_not_lengthen_the_wait() -> None:
    """The time for the application acknowledgement begins once, however many octets come behind the commit one."""
    async with receiving(lambda block: ack(block, "CA")) as receiver:
        connection = await dial(receiver.port)
        both = Outgoing(adt("C1"), b"C1", b"C1", wants_both=True)
        task = asyncio.create_task(connection.exchange(both, 20, 0.5))
        await receiver.came.wait()
        dribbling = asyncio.create_task(dribble(next(iter(receiver.open))))
        started = asyncio.get_running_loop().time()
        verdict = await asyncio.wait_for(task, 8)
        took = asyncio.get_running_loop().time() - started
        dribbling.cancel()
        connection.close()
    assert isinstance(verdict, Answered)
    assert took < 5, "the dribble lasts about 20 s until it is too much"


async def test_cancelled() -> None:
    """Cancelling ends the connection: a late answer cannot be taken for another message's."""
    async with receiving(lambda _: b"") as receiver:
        connection = await dial(receiver.port)
        task = asyncio.create_task(connection.exchange(MESSAGE, 20, 5))
        await receiver.came.wait()
        task.cancel()
        await asyncio.wait([task])
        assert connection.line.is_closed
        await connection.closed
