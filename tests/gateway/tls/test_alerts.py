"""A peer whose handshake fails is told why: Python's ssl and OpenSSL's own client read the alert."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from gateway.contract.causes import Cause, Notice
from gateway.contract.meter import Rejection
from gateway.contract.settings import ServerTlsSettings
from gateway.tls import alerts
from gateway.tls.acceptor import TlsAcceptor
from gateway.tls.alerts import AlertingContext, AlertingObject, Farewell
from gateway.tls.contexts import server_context
from tests.certificates import Authority, Pair
from tests.old_hello import old_hello

VERSIONS = {"TLS 1.2": ssl.TLSVersion.TLSv1_2, "TLS 1.3": ssl.TLSVersion.TLSv1_3}


class Greeting(asyncio.Protocol):
    """A connection that says one word."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the peer."""
        cast("asyncio.Transport", transport).write(b"welcome")


class Port:
    """A port that demands a certificate of an authority."""

    def __init__(self, authority: Authority, pair: Pair) -> None:
        settings = ServerTlsSettings(
            certificate_file=pair.certificate,
            key_file=pair.key,
            client_auth="required",
            client_ca_file=authority.certificate,
        )
        self.rejections: list[Rejection] = []
        self.notices: list[Notice] = []
        context = server_context("tls", settings).ssl
        self.tls_acceptor = TlsAcceptor("in", settings, lambda: context, 100, lambda it, _: self.rejections.append(it))
        self.tls_acceptor.noticed = self.notices.append
        self.number = 0

    async def ask(self, context: ssl.SSLContext) -> bytes:
        """Return what a peer gets that sends at once after its handshake."""
        return await asyncio.to_thread(self._ask, context)

    def _ask(self, context: ssl.SSLContext) -> bytes:
        with (
            socket.create_connection(("127.0.0.1", self.number), 60) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            secured.sendall(b"x" * 100_000)
            return secured.recv(64)

    async def openssl(self, *options: str) -> str:
        """Return what OpenSSL's own client prints."""
        arguments = ("s_client", "-connect", f"127.0.0.1:{self.number}", *options)
        process = await asyncio.create_subprocess_exec(
            "openssl", *arguments, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdout is not None
        said = await asyncio.wait_for(process.stdout.read(), 60)  # its standard input stays open: it waits to be told
        await process.wait()
        return said.decode("utf-8", "replace")


@asynccontextmanager
async def serving(authority: Authority) -> AsyncIterator[Port]:
    """Serve on a free port; at the end nothing is left of the handshakes."""
    port = Port(authority, authority.issue("server"))
    server = await asyncio.get_running_loop().create_server(port.tls_acceptor.before(Greeting), "127.0.0.1", 0)
    port.number = server.sockets[0].getsockname()[1]
    try:
        yield port
    finally:
        server.close()
        port.tls_acceptor.close()
        if port.tls_acceptor._handshakes:
            await asyncio.wait(port.tls_acceptor._handshakes, timeout=60)
    assert len(port.tls_acceptor._places) == 0


def peer(authority: Authority, pair: Pair | None, version: ssl.TLSVersion) -> ssl.SSLContext:
    """Return the context of a peer that speaks *version* and shows *pair*."""
    context = authority.client(pair)
    context.minimum_version = context.maximum_version = version
    return context


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """Return an authority that nobody knows here."""
    return Authority(tmp_path, "somebody else")


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
@pytest.mark.parametrize(
    ("case", "reasons", "why"),
    [
        ("none", {"TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_HANDSHAKE_FAILURE"}, "none"),
        ("stranger", {"TLSV1_ALERT_UNKNOWN_CA"}, "issuer"),
        ("ended", {"SSLV3_ALERT_CERTIFICATE_EXPIRED"}, "ended"),
    ],
)
async def test_python_peer(
    case: str, reasons: set[str], why: str, version: ssl.TLSVersion, authority: Authority, stranger: Authority
) -> None:
    """A peer whose certificate is missing or wrong reads which it is, although it has sent at once what it wanted."""
    shown: dict[str, Callable[[], Pair | None]] = {
        "none": lambda: None,
        "stranger": lambda: stranger.issue("ct-1", key=2),
        "ended": lambda: authority.issue("ct-1", key=2, days=-1),
    }
    async with serving(authority) as port:
        with pytest.raises(ssl.SSLError) as caught:
            await port.ask(peer(authority, shown[case](), version))
        assert caught.value.reason in reasons
        assert port.rejections == [Rejection.TLS_HANDSHAKE]
    (notice,) = port.notices
    assert (notice.peer, notice.peer_ip, notice.diagnosis.cause) == ("127.0.0.1", "127.0.0.1", Cause.PEER_CERTIFICATE)
    assert notice.diagnosis.details == {"why": why, "authorities": "hospital CA"}


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
async def test_good_peer(version: ssl.TLSVersion, authority: Authority) -> None:
    """A peer with a good certificate comes in."""
    async with serving(authority) as port:
        assert await port.ask(peer(authority, authority.issue("ct-1", key=2), version)) == b"welcome"
    assert (port.rejections, port.notices) == ([], [])


@pytest.mark.parametrize(
    ("options", "alert"),
    [
        (["-tls1_3"], "alert certificate required"),
        (["-tls1_2"], "alert handshake failure"),
        (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "alert protocol version"),
        (["-tls1_2", "-cipher", "AES128-SHA"], "alert handshake failure"),
    ],
)
async def test_openssl(options: list[str], alert: str, authority: Authority) -> None:
    """OpenSSL's own client prints the alert."""
    async with serving(authority) as port:
        assert alert in await port.openssl(*options)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_openssl_with_certificate(version: str, authority: Authority, stranger: Authority) -> None:
    """It prints why its certificate is not taken."""
    async with serving(authority) as port:
        for issuer, days, alert in ((stranger, 30, "alert unknown ca"), (authority, -1, "alert certificate expired")):
            pair = issuer.issue("ct-1", key=2, days=days)
            assert alert in await port.openssl(version, "-cert", str(pair.certificate), "-key", str(pair.key))


async def test_peer_that_stays(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that was told and does not close is waited for only a moment."""
    monkeypatch.setattr(alerts, "LINGER_SECONDS", 0.05)
    async with serving(authority) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
        await _fail(writer)
        assert await reader.read(), "the alert, and the end of the stream behind it"
        async with asyncio.timeout(60):
            while port.tls_acceptor._handshakes:
                await asyncio.sleep(0.005)
        writer.close()


async def test_flood(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a peer that was told and sends without an end, only so much is read."""
    monkeypatch.setattr(alerts, "LINGER_SECONDS", 60.0)
    async with serving(authority) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port.number)
        await _fail(writer)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(_send_without_end(writer), 60)
        writer.close()


async def test_end_of_the_listener(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that closes does not wait for those that were told."""
    monkeypatch.setattr(alerts, "LINGER_SECONDS", 600.0)
    async with serving(authority) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
        await _fail(writer)
        assert await reader.read()
        port.tls_acceptor.close()
        async with asyncio.timeout(60):
            while port.tls_acceptor._handshakes:
                await asyncio.sleep(0.005)
        writer.close()


async def _send_without_end(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(bytes(65_536))
        await writer.drain()


async def _fail(writer: asyncio.StreamWriter) -> None:
    """Begin a handshake that cannot succeed."""
    writer.write(old_hello())
    await writer.drain()


def test_nobody_to_tell() -> None:
    """Without a socket to send it on, an alert is not sent, and the error is what it would be."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    made = AlertingContext(ssl.PROTOCOL_TLS_SERVER).wrap_bio(incoming, outgoing, server_side=True)
    assert isinstance(made, AlertingObject)
    assert made.farewell is None
    incoming.write(old_hello())
    with pytest.raises(ssl.SSLError):
        made.do_handshake()
    assert outgoing.pending > 0


def test_socket_that_is_gone() -> None:
    """A socket that takes nothing any more is no error."""
    here, there = socket.socketpair()
    there.close()
    with here, Farewell(here) as farewell:
        farewell.send(b"alert")
        farewell.send(b"")
    with Farewell(here) as farewell:
        farewell.send(b"alert")
