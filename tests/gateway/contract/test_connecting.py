"""Why there is no connection, in words that quote nobody."""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from cryptography import x509

from gateway.contract.connecting import (
    CLOSED_IN_HANDSHAKE,
    NO_ADDRESS,
    NO_TLS,
    NOT_RESOLVED,
    UNTRUSTED,
    handshake,
    why_no_tls,
    why_not_connected,
)
from gateway.contract.sending import Address, ClientTls
from gateway.contract.settings import ClientTlsSettings
from gateway.tls.contexts import client_context
from tests.certificates import Authority, Pair

HERE = "127.0.0.1"
ERRORS: dict[str, tuple[Exception, str]] = {
    "refused": (
        ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('10.0.0.5', 104)"),
        "connection refused",
    ),
    "no route": (OSError(errno.EHOSTUNREACH, "No route to host"), "no route to host"),
    "the system's time-out": (TimeoutError(errno.ETIMEDOUT, "Connect call failed"), "connection timed out"),
    "no name": (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), NOT_RESOLVED),
    "a name that cannot be asked for": (UnicodeError("label too long"), NOT_RESOLVED),
    "two addresses, one reason": (
        OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1', 1), [Errno 111] Connect call failed"),
        "connection refused",
    ),
    "two addresses, two reasons": (OSError("Multiple exceptions: [Errno 111] ..., [Errno 101] ..."), NO_ADDRESS),
    "something of uvloop's": (RuntimeError("?"), NO_ADDRESS),
}


@pytest.mark.parametrize(("error", "reason"), ERRORS.values(), ids=ERRORS)
def test_why_not_connected(error: Exception, reason: str) -> None:
    """An error of the system is told in the system's words, without an address."""
    assert reason == why_not_connected(error)


def test_closed_in_the_handshake() -> None:
    """Where TLS is spoken, a peer that resets may not speak it."""
    assert CLOSED_IN_HANDSHAKE == why_not_connected(ConnectionResetError(), speaks_tls=True)


def test_an_unknown_fault_of_tls() -> None:
    """A fault without a name of ours is a failed handshake, in no words of the peer."""
    assert "TLS: the handshake failed" == why_no_tls(ssl.SSLError(1, "whatever it says"))


def test_without_tls() -> None:
    """Without TLS a loop gets no arguments for it."""
    assert {} == handshake(Address(HERE, 1), None)


def other_name(authority: Authority) -> Pair:
    """Return a certificate for another host."""
    return authority.issue("other", x509.DNSName("pacs.ward.example"))


def other_address(authority: Authority) -> Pair:
    """Return a certificate for another address."""
    return authority.issue("address", x509.IPAddress(ipaddress.ip_address("192.0.2.1")))


def expired(authority: Authority) -> Pair:
    """Return a certificate that is no longer valid."""
    return authority.issue("expired", days=-1)


CERTIFICATES: dict[str, tuple[Callable[[Authority], Pair], str, str]] = {
    "another name": (other_name, "localhost", "is for another host name"),
    "another address": (other_address, HERE, "is for another IP address"),
    "expired": (expired, HERE, "has expired"),
}


@pytest.mark.parametrize(("make", "name", "reason"), CERTIFICATES.values(), ids=CERTIFICATES)
async def test_certificates(make: Callable[[Authority], Pair], name: str, reason: str, tmp_path: Path) -> None:
    """What is wrong with the certificate of a peer is told."""
    authority = Authority(tmp_path)
    assert reason in await reason_of(authority, authority.server(make(authority)), name)


async def test_another_authority(tmp_path: Path) -> None:
    """So is that its CA is none of those that were named."""
    authority, other = Authority(tmp_path), tmp_path / "other"
    other.mkdir()
    pair = authority.issue("server")
    settings = ClientTlsSettings(ca_file=Authority(other, "other CA").certificate)
    assert UNTRUSTED == await reason_of(authority, authority.server(pair), HERE, settings)


async def test_no_tls_there(tmp_path: Path) -> None:
    """A peer without TLS that answers the handshake in its own protocol is told from one that is not trusted."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(bytes.fromhex("070000000004 00000201"))  # A-ABORT
        writer.close()

    assert NO_TLS == await reason_of(Authority(tmp_path), None, HERE, serve=serve)


async def test_hung_up(tmp_path: Path) -> None:
    """A peer that hangs up in the handshake may not speak TLS."""
    assert CLOSED_IN_HANDSHAKE == await reason_of(Authority(tmp_path), None, HERE)


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100_000)
    writer.close()


async def reason_of(
    authority: Authority,
    server: ssl.SSLContext | None,
    name: str,
    settings: ClientTlsSettings | None = None,
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] = _hang_up,
) -> str:
    """Return why a client that trusts *authority* has no connection to a *server* that must have *name*."""
    context = client_context("tls", settings or ClientTlsSettings(ca_file=authority.certificate)).ssl
    async with await asyncio.start_server(serve, HERE, ssl=server) as listening:
        address = Address(HERE, listening.sockets[0].getsockname()[1])
        arguments = handshake(address, ClientTls(context, name))
        with pytest.raises(OSError) as caught:  # noqa: PT011  which one it is depends on the loop
            await asyncio.get_running_loop().create_connection(asyncio.Protocol, HERE, address.port, **arguments)
    return why_not_connected(caught.value, speaks_tls=True)
