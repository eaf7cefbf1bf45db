"""Opening connections, and why it fails; more failures are tested in ``test_exchange``."""

import asyncio
import datetime
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from adapters.rest.connecting.dialer import Dialer, Origin
from adapters.rest.connecting.failures import NO_TLS, UNKNOWN_ISSUER, UNREACHABLE, UNRESOLVED
from adapters.rest.http.client import Client
from adapters.rest.http.exchange import Streamed
from adapters.rest.http.http1 import Failure
from adapters.rest.http.reply import Reply
from adapters.rest.http.upload import pieces
from adapters.rest.settings import RestSettings
from gateway.contract.errors import LocalProtocolError
from tests.certificates import Authority

Start = Callable[..., Awaitable[str]]

ORIGINS = {
    "http://store": ("store", 80, "store"),
    "http://STORE:80/a": ("store", 80, "store"),
    "http://store:8080/a/": ("store", 8080, "store:8080"),
    "https://store/a": ("store", 443, "store"),
    "https://store:80": ("store", 80, "store:80"),
    "http://[::1]:8042/dicom-web": ("::1", 8042, "[::1]:8042"),
    "http://bücher.example/": ("bücher.example", 80, "xn--bcher-kva.example"),
    "http://a..b/": ("a..b", 80, "a..b"),
}


@pytest.mark.parametrize(("url", "expected"), ORIGINS.items())
def test_origin(url: str, expected: tuple[str, int, str]) -> None:
    """Host, port and Host field come from the URL."""
    origin = Origin(url)
    assert expected == (origin.host, origin.port, origin.host_field)


TARGETS = {
    "http://store:80": "/",
    "http://store:80/": "/",
    "http://store:80/a%20b/c?d=e": "/a%20b/c?d=e",
    "http://store:80?d=e": "/?d=e",
}


@pytest.mark.parametrize(("url", "target"), TARGETS.items())
def test_target(url: str, target: str) -> None:
    """The request line names what comes after the host, as it was written."""
    assert target == Origin("http://store:80/root").target(url)


@pytest.mark.parametrize("url", ["http://store:8080/", "http://store.evil/", "https://store/", "http://other/", "/a"])
def test_target_elsewhere(url: str) -> None:
    """Credentials for one store never go to another."""
    with pytest.raises(LocalProtocolError):
        Origin("http://store/").target(url)


async def dial(url: str, seconds: float = 2) -> asyncio.Protocol | Failure:
    """Return the result of dialing *url*."""
    made: list[asyncio.BaseTransport] = []

    class Peer(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.append(transport)

    result = await Dialer(Origin(url), seconds).dial(lambda _: Peer())
    for transport in made:
        assert transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        transport.abort()  # type: ignore[attr-defined]
    return result


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take a connection and say nothing."""
    with suppress(ConnectionError):
        await reader.read()
    writer.close()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take a connection and leave."""


async def test_no_delay(listen: Start) -> None:
    """A connection sends small segments at once."""
    assert isinstance(await dial(await listen(silence)), asyncio.Protocol)


@pytest.mark.parametrize("host", ["hilum.invalid", "a..b", "x" * 64])
async def test_no_such_host(host: str) -> None:
    """A host without an address, or with a name that nothing could have, is not resolved."""
    assert UNRESOLVED == await dial(f"http://{host}/")


async def test_handshake_fails(listen: Start) -> None:
    """A store that leaves during the TLS handshake was reached, but does not speak TLS."""
    assert NO_TLS == await dial((await listen(hang_up)).replace("http:", "https:"))


async def test_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreachable host and a refused connection have different reasons."""

    async def no_route(*_: Any, **__: Any) -> None:
        raise OSError(113, "No route to host")

    monkeypatch.setattr("adapters.rest.connecting.dialer.start_connection", no_route)
    assert UNREACHABLE == await dial("http://127.0.0.1/")


async def test_name_is_looked_up_once(listen: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many connections opened at once need one name lookup, which is cached for some seconds."""
    port = int((await listen(silence)).rpartition(":")[2])
    loop = asyncio.get_running_loop()
    lookups = 0

    async def look_up(*_: Any, **__: Any) -> list[Any]:
        nonlocal lookups
        lookups += 1
        await asyncio.sleep(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    dialer = Dialer(Origin(f"http://store.invalid:{port}"), 2)
    monkeypatch.setattr(dialer, "_look_up", look_up)

    async def open_and_close() -> None:
        peer = await dialer.dial(lambda _: Silent())
        assert isinstance(peer, Silent)
        peer.transport.abort()

    await asyncio.gather(*(open_and_close() for _ in range(5)))
    assert 1 == lookups
    monkeypatch.setattr(dialer, "_known_until", loop.time())
    await open_and_close()
    assert 2 == lookups


class Silent(asyncio.Protocol):
    """Keeps its transport."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport  # type: ignore[assignment]


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "store")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "store.pem", folder / "store.key"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


async def echo_length(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request with the octets that its body has."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            text = str(length).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))
    except asyncio.IncompleteReadError:
        writer.close()


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_trusted: bool) -> None:
    """TLS to a store works if the system trusts its certificate; otherwise nothing is sent."""
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(echo_length, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    size = 3_000_000
    async with server, Client(RestSettings(url=url)) as client:
        small = await client.request("POST", url, {}, b"message")
        large = await client.request("POST", url, {}, Streamed(pieces(bytes(size)), size))
    if is_trusted:
        assert isinstance(small, Reply)
        assert isinstance(large, Reply)
        assert (b"7", str(size).encode()) == (small.body, large.body)
    else:
        assert not isinstance(small, Reply)
        assert (UNKNOWN_ISSUER.reason, False) == (small.reason, small.maybe_stored)


async def test_context_of_each_handshake(tmp_path: Path) -> None:
    """Each handshake gets the current context: a changed CA file counts for the next connection."""
    authority = Authority(tmp_path)
    trusting, distrusting = authority.client(), ssl.create_default_context()
    contexts = iter([trusting, distrusting, trusting])
    server = await asyncio.start_server(silence, "127.0.0.1", 0, ssl=authority.server(authority.issue("store")))
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        dialer = Dialer(Origin(url), 2, lambda: next(contexts))
        results = [await dialer.dial(lambda _: Silent()) for _ in range(3)]
        for each in results:
            if isinstance(each, Silent):
                each.transport.abort()
    assert [Silent, Failure, Silent] == [type(each) for each in results]
    assert UNKNOWN_ISSUER == results[1]


async def test_name_that_is_no_text(tmp_path: Path) -> None:
    """A store whose certificate has another name that is not UTF-8 is reached by the one that it is asked for."""
    authority = Authority(tmp_path)
    latin = x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x05\xdfexyz")
    shown = authority.issue("store", x509.IPAddress(ipaddress.ip_address("127.0.0.1")), latin)
    server = await asyncio.start_server(silence, "127.0.0.1", 0, ssl=authority.server(shown))
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        peer = await Dialer(Origin(url), 60, authority.client).dial(lambda _: Silent())
        assert isinstance(peer, Silent)
        peer.transport.abort()
