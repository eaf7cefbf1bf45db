"""Syslog over each transport, to receivers on real sockets."""

import asyncio
import errno
import select
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.interface import Taken
from gateway.audit.message import AuditMessage
from gateway.audit.settings import SyslogSettings
from gateway.audit.syslog import DatagramSyslog, StreamSyslog, open_syslog
from gateway.audit.syslog_format import Sender
from gateway.contract.errors import ConfigError
from tests.gateway.audit.certificates import make_certificate
from tests.gateway.audit.repository import repository
from tests.gateway.audit.samples import MESSAGES
from tests.gateway.audit.syslog_reader import read_message
from tests.gateway.audit.test_fitting import TOO_LARGE

START, STOP = MESSAGES["start"], MESSAGES["stop"]
SENDER = Sender("gate", "1")


def open_to(port: int, **settings: Any) -> DatagramSyslog | StreamSyslog:
    """Return a sink that sends to *port*."""
    return open_syslog(SyslogSettings(host="127.0.0.1", port=port, **settings), SENDER)


def says_something(connection: socket.socket | None) -> bool:
    """Wait until there is something to read, be it the end."""
    assert connection is not None
    return bool(select.select([connection], [], [], 5)[0])


async def write(sink: DatagramSyslog | StreamSyslog, *messages: AuditMessage) -> None:
    """Write as the queue does: from a thread."""
    assert Taken() == await asyncio.to_thread(sink.write, messages)


def server_context(folder: Path, client_ca: Path | None = None) -> tuple[ssl.SSLContext, Path]:
    """Return what a repository with a certificate of its own listens with, and that certificate."""
    certificate, key = make_certificate(folder, "repository")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context, certificate


def test_udp() -> None:
    """Over UDP each message is one datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sink = open_to(receiver.getsockname()[1], transport="udp")
        assert Taken() == sink.write([START, STOP])
        found = [read_message(receiver.recv(65536)).content for _ in range(2)]
        sink.close()
    assert [b"110120" in found[0], b"110121" in found[1]] == [True, True]


@pytest.mark.parametrize("name", TOO_LARGE)
def test_too_large_for_udp(name: str) -> None:
    """A message that no datagram can hold goes all the same, split or shortened, and so do the others."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sink = open_to(receiver.getsockname()[1], transport="udp", max_bytes=1024 * 1024)
        message = TOO_LARGE[name]()
        assert 0 == sink.write([message, STOP]).too_large
        assert message.event.value.encode() in receiver.recv(65_536)
        while b"110121" not in (datagram := receiver.recv(65_536)):
            assert message.event.value.encode() in datagram
        sink.close()


class NarrowPath(socket.socket):
    """A socket whose path carries *most* octets at once, as where nothing may be fragmented."""

    most = 0

    def send(self, data: Any, *flags: int) -> int:
        """Send *data*, or not."""
        if len(data) > self.most:
            raise OSError(errno.EMSGSIZE, "Message too long")
        return super().send(data, *flags)


@pytest.mark.parametrize(("most", "expected"), [(2000, Taken(shortened=1)), (600, Taken(too_large=2))])
def test_narrow_path(monkeypatch: pytest.MonkeyPatch, most: int, expected: Taken) -> None:
    """What the path does not carry is shortened further; where no event fits, each is counted and none comes again."""
    monkeypatch.setattr(socket, "socket", NarrowPath)
    monkeypatch.setattr(NarrowPath, "most", most)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sink = open_to(receiver.getsockname()[1], transport="udp")
        assert expected == sink.write([TOO_LARGE["a patient's name"](), STOP])
        if not expected.too_large:
            assert b"110110" in receiver.recv(65_536)
            assert read_message(receiver.recv(65_536)).content.endswith(b"</AuditMessage>")
        sink.close()


def test_narrow_path_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the path carries is found out once, and one event that never fits does not make the others shorter."""
    refused: list[int] = []
    send = NarrowPath.send

    def count(self: NarrowPath, data: Any, *flags: int) -> int:
        refused.extend([len(data)] if len(data) > self.most else [])
        return send(self, data, *flags)

    monkeypatch.setattr(socket, "socket", NarrowPath)
    monkeypatch.setattr(NarrowPath, "send", count)
    monkeypatch.setattr(NarrowPath, "most", 3000)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        sink = open_to(receiver.getsockname()[1], transport="udp")
        message = TOO_LARGE["800 refused instances"]()
        sink.write([message])
        found_out = len(refused)
        sink.write([message])
        sink.close()
    assert (True, found_out) == (found_out > 0, len(refused))


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_too_large_for_a_stream(name: str) -> None:
    """A stream carries everything, but a receiver cuts off what it does not expect: there the same limit holds."""
    async with repository() as receiver:
        sink = open_to(receiver.port, transport="tcp")
        message = TOO_LARGE[name]()
        await asyncio.to_thread(sink.write, [message, STOP])
        async with asyncio.timeout(60):
            while not receiver.messages or b"110121" not in receiver.messages[-1].content:
                await receiver.received(len(receiver.messages) + 1)
        sink.close()
    assert {message.event.value.encode() in each.content for each in receiver.messages[:-1]} == {True}
    assert max(len(each.content) for each in receiver.messages) <= 32_768


async def test_tcp() -> None:
    """Over TCP messages follow each other on one connection."""
    async with repository() as receiver:
        sink = open_to(receiver.port, transport="tcp")
        await write(sink, START)
        await write(sink, STOP, STOP)
        assert 3 == len(await receiver.received(3))
        assert 1 == receiver.connections
        sink.close()


async def test_tls(tmp_path: Path) -> None:
    """Over TLS they reach the repository whose certificate is trusted, more than once over one connection."""
    context, certificate = server_context(tmp_path)
    async with repository(context) as receiver:
        sink = open_to(receiver.port, ca_file=certificate)
        await write(sink, START)
        await write(sink, STOP)
        assert ["DICOM+RFC3881"] * 2 == [each.message_id for each in await receiver.received(2)]
        assert 1 == receiver.connections
        sink.close()


async def test_tls_with_a_client_certificate(tmp_path: Path) -> None:
    """A repository that demands a certificate gets the gateway's."""
    own, key = make_certificate(tmp_path, "gateway")
    context, certificate = server_context(tmp_path, client_ca=own)
    async with repository(context) as receiver:
        sink = open_to(receiver.port, ca_file=certificate, certificate_file=own, key_file=key)
        await write(sink, START)
        await receiver.received(1)
        sink.close()


async def test_tls_to_a_stranger(tmp_path: Path) -> None:
    """Nothing is sent to a repository whose certificate is from somebody else."""
    context, _ = server_context(tmp_path)
    other, _ = make_certificate(tmp_path, "other")
    async with repository(context) as receiver:
        sink = open_to(receiver.port, ca_file=other)
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(sink.write, [START])
        sink.close()
        assert [] == receiver.messages


async def test_suites(tmp_path: Path) -> None:
    """Nothing is sent to a repository that has suites without authenticated encryption only."""
    context, certificate = server_context(tmp_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AES256+SHA384:!AESGCM:!AESCCM")
    async with repository(context) as receiver:
        sink = open_to(receiver.port, ca_file=certificate)
        with pytest.raises(ssl.SSLError):
            await asyncio.to_thread(sink.write, [START])
        sink.close()
        assert [] == receiver.messages


async def test_no_key_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SSLKEYLOGFILE is ignored: no TLS keys are logged."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context, certificate = server_context(tmp_path)
    async with repository(context) as receiver:
        sink = open_to(receiver.port, ca_file=certificate)
        await write(sink, START)
        await receiver.received(1)
        sink.close()
    assert not (tmp_path / "keys").exists()


async def test_renewed_authority(tmp_path: Path) -> None:
    """A new file of authorities counts from the next connection; a broken one leaves the last one in use."""
    context, certificate = server_context(tmp_path)
    authorities = tmp_path / "authorities.pem"
    authorities.write_bytes(make_certificate(tmp_path, "other")[0].read_bytes())
    async with repository(context) as receiver:
        sink = open_to(receiver.port, ca_file=authorities)
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(sink.write, [START])
        for content in (certificate.read_bytes(), b"not PEM"):
            sink.close()
            authorities.write_bytes(content)
            await write(sink, START)
        assert 2 == len(await receiver.received(2))
        sink.close()


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_receiver_that_closes(tmp_path: Path, transport: str) -> None:
    """A connection that the receiver has closed is noticed before the next message, which goes over a new one."""
    context, certificate = server_context(tmp_path)
    extra = {"ca_file": certificate} if transport == "tls" else {}
    async with repository(context if transport == "tls" else None) as receiver:
        sink = open_to(receiver.port, transport=transport, **extra)
        await write(sink, START)
        await receiver.received(1)
        receiver.hang_up()
        assert await asyncio.to_thread(says_something, sink._socket)
        await write(sink, STOP)
        assert 2 == len(await receiver.received(2))
        assert 2 == receiver.connections
        sink.close()


def test_nobody_listens(unused_tcp_port: int) -> None:
    """A repository that is down is an OSError, for the queue to try again."""
    sink = open_to(unused_tcp_port, transport="tcp")
    with pytest.raises(ConnectionRefusedError):
        sink.write([START])
    sink.close()


@pytest.mark.parametrize("content", [None, "not PEM"])
def test_unusable_files(tmp_path: Path, content: str | None) -> None:
    """An authority's file that cannot be used ends the start with the setting's name."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=r"^audit\.syslog\.ca_file: "):
        open_to(1, ca_file=path)
