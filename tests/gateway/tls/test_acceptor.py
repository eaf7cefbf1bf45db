"""The TLS handshake between a socket and its connection."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier
from structlog.testing import capture_logs

from gateway.contract.causes import Cause, Diagnosis, Notice
from gateway.contract.limits import SharedLimits
from gateway.contract.meter import Rejection
from gateway.contract.settings import ServerTlsSettings
from gateway.limits.descriptors import Descriptors
from gateway.limits.shared import ProcessLimits
from gateway.tls.acceptor import NOBODY_ELSE, Handshake, TlsAcceptor
from gateway.tls.causes import CAUSES, NOT_TLS, TOO_SLOW, UNREADABLE
from gateway.tls.contexts import server_context
from tests.certificates import Authority, Pair


class Echo(asyncio.Protocol):
    """A connection that echoes all data."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the peer."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(b"welcome ")

    def data_received(self, data: bytes) -> None:
        """Echo the data."""
        self.transport.write(data)


class TurningAway(Echo):
    """A connection that is over as soon as it is made."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hang up."""
        transport.abort()  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Never come here."""
        raise AssertionError


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give handshakes more time, so that none is displaced because the machine is busy."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", 60)


@dataclass
class Port:
    """A port with a TLS acceptor."""

    number: int
    tls_acceptor: TlsAcceptor
    rejections: list[Rejection] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def noticed(self) -> Diagnosis:
        """Return the only thing that was noticed of the peer."""
        (notice,) = self.notices
        assert (notice.peer, notice.peer_ip) == ("127.0.0.1", "127.0.0.1")
        return notice.diagnosis

    async def connect(self, context: ssl.SSLContext | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect a peer."""
        return await asyncio.open_connection("127.0.0.1", self.number, ssl=context)

    async def ask(self, context: ssl.SSLContext) -> bytes:
        """Return what a peer gets that says `hello` at once."""
        reader, writer = await self.connect(context)
        try:
            writer.write(b"hello")
            return await reader.readexactly(len(b"welcome hello"))
        finally:
            writer.transport.abort()

    async def rejected(self, count: int = 1) -> list[Rejection]:
        """Return the rejections, once there are *count*."""
        async with asyncio.timeout(60):
            while len(self.rejections) < count:
                await asyncio.sleep(0.005)
        return self.rejections


@asynccontextmanager
async def serving(
    pair: Pair,
    connect: Callable[[], asyncio.Protocol] = Echo,
    *,
    most_per_peer: int = 10,
    allowed: bool = True,
    limits: SharedLimits | None = None,
    **settings: Any,
) -> AsyncIterator[Port]:
    """Serve on a free port; at the end nothing is left of the handshakes."""
    tls = ServerTlsSettings(certificate_file=pair.certificate, key_file=pair.key, **settings)
    rejections: list[Rejection] = []
    tls_acceptor = TlsAcceptor(
        "in",
        tls,
        lambda: server_context("tls", tls).ssl,
        most_per_peer,
        lambda reason, _: rejections.append(reason),
        lambda _: allowed,
        limits,
    )
    server = await asyncio.get_running_loop().create_server(tls_acceptor.before(connect), "127.0.0.1", 0)
    port = Port(server.sockets[0].getsockname()[1], tls_acceptor, rejections)
    tls_acceptor.noticed = port.notices.append
    try:
        yield port
    finally:
        server.close()
        tls_acceptor.close()
        if tls_acceptor._handshakes:
            await asyncio.wait(tls_acceptor._handshakes, timeout=5)
    assert (set(), 0) == (tls_acceptor._handshakes, len(tls_acceptor._places))


def names(authority: Authority) -> dict[str, Any]:
    """Return settings that demand a certificate for `ct-1`."""
    return {"client_auth": "required", "client_ca_file": authority.certificate, "client_names": ["cn:ct-1"]}


def pair_of(authority: Authority) -> dict[str, Any]:
    """Return the settings of a port's own certificate."""
    pair = authority.issue("server")
    return {"certificate_file": pair.certificate, "key_file": pair.key}


async def test_peer_comes_in(authority: Authority) -> None:
    """Data that a peer sends right after its handshake reaches the connection, after `connection_made`."""
    async with serving(authority.issue("server")) as port:
        assert [b"welcome hello"] * 20 == [await port.ask(authority.client()) for _ in range(20)]
    assert [] == port.rejections


async def test_slow_handshake(authority: Authority) -> None:
    """A handshake that is not finished in time is cut off and counted."""
    async with serving(authority.issue("server"), handshake_seconds=0.2) as port:
        with capture_logs() as logs:
            reader, writer = await port.connect(None)
            writer.write(b"\x16\x03\x01")
            assert b"" == await reader.read()
            writer.close()
            assert [Rejection.TLS_HANDSHAKE] == await port.rejected()
    (event,) = [each for each in logs if each["event"] == "peer_rejected"]
    assert ("in", "tls_handshake", TOO_SLOW) == (event["listener"], event["reason"], event["cause"])
    assert event["peer"].startswith("127.0.0.1:")


IN_THE_CLEAR = {
    "MLLP": b"\x0bMSH|^~\\&|SECRET\r\x1c\r",
    "DIMSE": b"\x01\0\0\0\0\xcd\0\x01\0\0HILUM           SECRET          " + bytes(160),
    "HTTP": b"GET /SECRET HTTP/1.1\r\n\r\n",
    "a proxy's request": b"CONNECT SECRET:443 HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("sent", IN_THE_CLEAR.values(), ids=IN_THE_CLEAR)
async def test_peer_in_the_clear(sent: bytes, authority: Authority) -> None:
    """A peer that does not speak TLS is told from others in metrics and log, without what it sent."""
    async with serving(authority.issue("server")) as port:
        with capture_logs() as logs:
            reader, writer = await port.connect(None)
            writer.write(sent)
            await reader.read()
            writer.close()
            assert [Rejection.PLAIN_ON_TLS_PORT] == await port.rejected()
        assert port.noticed() == Diagnosis(Cause.PLAIN_ON_TLS_PORT)
    assert [NOT_TLS] == [each["cause"] for each in logs if each["event"] == "peer_rejected"]
    assert "SECRET" not in str(logs)


async def test_probe(authority: Authority) -> None:
    """A load balancer's probe that connects and disconnects is neither counted nor logged above debug."""
    async with serving(authority.issue("server")) as port:
        with capture_logs() as logs:
            _, writer = await port.connect(None)
            writer.close()
            async with asyncio.timeout(60):
                while not logs:
                    await asyncio.sleep(0.005)
    assert ([], []) == (port.rejections, port.notices)
    assert [("handshake_abandoned", "debug")] == [(each["event"], each["log_level"]) for each in logs]


async def test_stranger(authority: Authority) -> None:
    """An address outside the allowed networks is turned away before it may shake hands."""
    async with serving(authority.issue("server"), allowed=False) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
        assert b"" == await reader.read()
        writer.close()
        assert [Rejection.NETWORK] == await port.rejected(1)
        assert port.noticed() == Diagnosis(Cause.NETWORK_NOT_ALLOWED)


@pytest.mark.parametrize(
    ("settings", "most_per_peer", "reason"),
    [({"max_handshakes": 2}, 10, Rejection.CONNECTION_LIMIT), ({}, 2, Rejection.PEER_LIMIT)],
)
async def test_too_many(authority: Authority, settings: Any, most_per_peer: int, reason: Rejection) -> None:
    """Beyond the limit a peer is turned away; when a place is free again, the next one comes in."""
    async with serving(authority.issue("server"), most_per_peer=most_per_peer, **settings) as port:
        silent = [await port.connect(None) for _ in range(2)]
        reader, writer = await port.connect(None)
        assert b"" == await reader.read()
        writer.close()
        assert [reason] == await port.rejected()
        assert port.noticed() == Diagnosis(Cause.PEER_LIMIT, {"limit": reason.value, "of": "handshakes"})
        for _, each in silent:
            each.transport.abort()
        async with asyncio.timeout(60):
            while port.tls_acceptor._handshakes:
                await asyncio.sleep(0.005)
        assert b"welcome hello" == await port.ask(authority.client())
    assert [reason] == port.rejections


@pytest.mark.parametrize("settings", [{"max_handshakes": 2}, {"max_handshakes": 9}], ids=["port", "address"])
async def test_silent_handshakes_make_room(
    authority: Authority, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unfinished handshakes keep out no other peer once they are a second old."""
    monkeypatch.setattr("gateway.contract.places.GRACE_SECONDS", -1)
    async with serving(authority.issue("server"), most_per_peer=2, **settings) as port:
        silent = [await port.connect(None) for _ in range(2)]
        async with asyncio.timeout(5):
            while len(port.tls_acceptor._handshakes) < 2:
                await asyncio.sleep(0.005)
        assert b"welcome hello" == await port.ask(authority.client())
        assert b"" == await silent[0][0].read()
        for _, each in silent:
            each.transport.abort()
    assert Rejection.DISPLACED in port.rejections


async def test_handshakes_of_strangers_make_room(authority: Authority) -> None:
    """For a known address even a handshake that has only just begun is displaced."""
    limits = ProcessLimits(1 << 24)
    limits.known.add("127.0.0.1")
    async with serving(authority.issue("server"), limits=limits, max_handshakes=2) as port:
        flood = [
            await asyncio.open_connection("127.0.0.1", port.number, local_addr=(f"127.0.0.{each}", 0))
            for each in (2, 3)
        ]
        async with asyncio.timeout(5):
            while len(port.tls_acceptor._handshakes) < 2:
                await asyncio.sleep(0.005)
        assert b"welcome hello" == await port.ask(authority.client())
        for _, each in flood:
            each.transport.abort()
    assert [Rejection.DISPLACED] == port.rejections
    assert [each.diagnosis.details["limit"] for each in port.notices] == ["displaced"]


async def test_reserve_of_descriptors(authority: Authority) -> None:
    """Where few descriptors are left a peer is turned away before it may shake hands."""
    limits = ProcessLimits(1 << 24, Descriptors(0, lambda: 5))
    async with serving(authority.issue("server"), limits=limits) as port:
        reader, writer = await port.connect(None)
        assert b"" == await reader.read()
        writer.close()
        assert [Rejection.DESCRIPTOR_LIMIT] == await port.rejected()
        assert port.noticed() == Diagnosis(Cause.PEER_LIMIT, {"limit": "descriptor_limit", "of": "handshakes"})


async def test_no_descriptor_left(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no descriptor for a peer, the peer is turned away and nothing of it is left."""

    def fail(_: int) -> int:
        raise OSError(24, "Too many open files")

    async with serving(authority.issue("server")) as port:
        with monkeypatch.context() as patch:
            patch.setattr("os.dup", fail)
            reader, writer = await port.connect(None)
            assert b"" == await reader.read()
            writer.close()
        assert [Rejection.CONNECTION_LIMIT] == port.rejections
        assert b"welcome hello" == await port.ask(authority.client())


async def test_named_peer(authority: Authority) -> None:
    """A peer whose certificate has one of the names comes in."""
    async with serving(authority.issue("server"), **names(authority)) as port:
        assert b"welcome hello" == await port.ask(authority.client(authority.issue("ct-1", key=2)))


async def test_peer_of_another_name(authority: Authority) -> None:
    """A peer whose certificate has none of the names is turned away before its connection is made."""
    async with serving(authority.issue("server"), **names(authority)) as port:
        with capture_logs() as logs:
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await port.ask(authority.client(authority.issue("mr-1", key=2)))
            assert [Rejection.CERTIFICATE] == await port.rejected()
        details = {"why": "name", "names": "localhost, ip:127.0.0.1, cn:mr-1", "allowed": "cn:ct-1"}
        assert port.noticed() == Diagnosis(Cause.PEER_CERTIFICATE, details)
    (event,) = [each for each in logs if each["event"] == "peer_rejected"]
    assert (NOBODY_ELSE, ["localhost", "ip:127.0.0.1", "cn:mr-1"]) == (event["cause"], event["names"])


def resume(
    context: ssl.SSLContext, port: int, session: ssl.SSLSession | None
) -> tuple[ssl.SSLSession | None, bool, bytes]:
    """Connect a peer that goes on with *session*: return its session, whether it was resumed, and what it was told."""
    with (
        socket.create_connection(("127.0.0.1", port), 60) as plain,
        context.wrap_socket(plain, server_hostname="localhost", session=session) as secured,
    ):
        made, was_resumed, said = secured.session, bool(secured.session_reused), b""
        with suppress(OSError):
            said = secured.recv(64)
            secured.unwrap()  # OpenSSL forgets the session of a connection that was not closed
        return made, was_resumed, said


async def test_expired_in_its_session(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS 1.2 session is resumed without its certificate being verified anew: its end counts all the same."""
    context = authority.client(authority.issue("ct-1", key=2))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    now, settings = time.time(), names(authority)
    server = server_context("tls", ServerTlsSettings(**{**pair_of(authority), **settings})).ssl
    async with serving(authority.issue("server"), **settings) as port:
        port.tls_acceptor.context = lambda: server
        session, _, said = await asyncio.to_thread(resume, context, port.number, None)
        assert b"welcome " == said
        assert (True, b"welcome ") == (await asyncio.to_thread(resume, context, port.number, session))[1:]
        monkeypatch.setattr("gateway.tls.acceptor.time.time", lambda: now + 31 * 86400)
        assert (True, b"") == (await asyncio.to_thread(resume, context, port.number, session))[1:]
        assert [Rejection.CERTIFICATE] == await port.rejected()
        assert (port.noticed().cause, port.noticed().details["why"]) == (Cause.PEER_CERTIFICATE, "ended")


async def test_name_that_is_no_text(authority: Authority) -> None:
    """A certificate of the CA with a name that is not UTF-8 is turned away, counted and told of without the name."""
    latin = x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x05\xdfexyz")
    context = authority.client(authority.issue("ct-1", latin, key=2))
    async with serving(authority.issue("server"), **names(authority)) as port:
        with capture_logs() as logs:
            with pytest.raises((asyncio.IncompleteReadError, OSError)):
                await port.ask(context)
            assert [Rejection.TLS_HANDSHAKE] == await port.rejected()
    assert [UNREADABLE] == [each["cause"] for each in logs if each["event"] == "peer_rejected"]
    assert "xyz" not in str(logs)


async def test_peer_without_certificate(authority: Authority) -> None:
    """A peer that has to show a certificate and does not is turned away in the handshake."""
    async with serving(authority.issue("server"), **names(authority)) as port:
        with capture_logs() as logs:
            with pytest.raises((asyncio.IncompleteReadError, OSError)):
                await port.ask(authority.client())
            assert [Rejection.TLS_HANDSHAKE] == await port.rejected()
    assert CAUSES["PEER_DID_NOT_RETURN_A_CERTIFICATE"] in [each.get("cause") for each in logs]


async def test_connection_that_hangs_up(authority: Authority) -> None:
    """A connection that ends as it is made gets nothing of what the peer had sent."""
    async with serving(authority.issue("server"), TurningAway) as port:
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await port.ask(authority.client())


async def test_close(authority: Authority) -> None:
    """Closing ends the handshakes under way without counting them; the peers inside stay."""
    async with serving(authority.issue("server")) as port:
        inside, writer = await port.connect(authority.client())
        assert b"welcome " == await inside.readexactly(8)
        outside, other = await port.connect(None)
        async with asyncio.timeout(60):
            while not port.tls_acceptor._handshakes:
                await asyncio.sleep(0.005)
        port.tls_acceptor.close()
        assert b"" == await outside.read()
        writer.write(b"still here")
        assert b"still here" == await inside.readexactly(10)
        other.close()
        writer.transport.abort()
    assert [] == port.rejections


async def test_close_before_the_handshake_begins(authority: Authority) -> None:
    """A socket whose handshake has not begun is closed too."""
    async with serving(authority.issue("server")) as port:
        ours, peer = socket.socketpair()
        ours.setblocking(False)
        port.tls_acceptor.enter(Handshake(port.tls_acceptor, Echo, ("10.0.0.1", 1)), ours)
        port.tls_acceptor.close()
        assert b"" == await asyncio.to_thread(peer.recv, 1)
        peer.close()
