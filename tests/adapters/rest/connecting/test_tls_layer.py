"""TLS in memory: what passes between a transport and the protocol above, and how it ends."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.rest.connecting.tls_layer import TlsLayer
from gateway.contract.body import Buffer
from tests.certificates import Authority

AT_ONCE = 100_000
LINES = 2_000


class Below(asyncio.Transport):
    """The transport of a test."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.calls: list[str] = []
        self._is_closing = False

    def write(self, data: Buffer) -> None:
        """Keep what is sent."""
        self.written += data

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._is_closing

    def close(self) -> None:
        """Be closed."""
        self._is_closing = True
        self.calls.append("close")

    def abort(self) -> None:
        """Be dropped."""
        self._is_closing = True
        self.calls.append("abort")

    def pause_reading(self) -> None:
        """Take note."""
        self.calls.append("pause_reading")

    def resume_reading(self) -> None:
        """Take note."""
        self.calls.append("resume_reading")

    def get_write_buffer_size(self) -> int:
        """Return a number."""
        return 7


class UpperProtocol(asyncio.Protocol):
    """The protocol of a test."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.calls: list[object] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note."""
        self.calls.append("made")

    def data_received(self, data: bytes) -> None:
        """Take note."""
        self.received += data

    def eof_received(self) -> None:
        """Take note."""
        self.calls.append("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note."""
        self.calls.append(type(exc))

    def pause_writing(self) -> None:
        """Take note."""
        self.calls.append("pause")

    def resume_writing(self) -> None:
        """Take note."""
        self.calls.append("resume")


class Store:
    """The other side."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def say(self, *texts: bytes) -> bytes:
        """Return *texts* encrypted."""
        for text in texts:
            self.tls.write(text)
        return self.outgoing.read()


class Pair:
    """A layer and a store."""

    def __init__(self, authority: Authority, context: ssl.SSLContext, host: str = "127.0.0.1") -> None:
        self.ours, self.theirs = socket.socketpair()
        self.above, self.below = UpperProtocol(), Below()
        self.store = Store(authority.server(authority.issue("store")))
        self.layer = TlsLayer(self.above, context, host, self.ours)
        self.layer.connection_made(self.below)

    def shake_hands(self) -> None:
        """Carry what both say until the handshake is over."""
        for _ in range(3):
            self.to_store()
            with suppress(ssl.SSLError):
                self.store.tls.do_handshake()
            if answer := self.store.outgoing.read():
                self.layer.data_received(answer)

    def to_store(self) -> None:
        """Carry what was sent."""
        self.store.incoming.write(bytes(self.below.written))
        self.below.written.clear()

    def close(self) -> None:
        """Close the sockets."""
        self.ours.close()
        self.theirs.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Return who has issued the store's certificate."""
    return Authority(tmp_path)


@pytest.fixture
async def pair(authority: Authority) -> AsyncIterator[Pair]:
    """Return a layer and a store that have shaken hands."""
    pair = Pair(authority, authority.client())
    pair.shake_hands()
    yield pair
    pair.close()


async def test_octets(pair: Pair) -> None:
    """Both sides read what the other sends, however much is sent at once."""
    large = bytes(range(256)) * 1000
    pair.layer.writelines([b"head", memoryview(large)])
    pair.layer.write(b"tail")
    pair.to_store()
    heard = b""
    while len(heard) < len(large) + 8:
        heard += pair.store.tls.read(AT_ONCE)
    assert b"head" + large + b"tail" == heard
    encrypted = pair.store.say(b"an", b"swer")
    for octet in encrypted:
        pair.layer.data_received(bytes([octet]))
    assert b"answer" == pair.above.received
    assert ["made"] == pair.above.calls


async def test_what_is_handed_on(pair: Pair) -> None:
    """Whatever does not concern TLS passes through."""
    pair.layer.pause_writing()
    pair.layer.resume_writing()
    pair.layer.pause_reading()
    pair.layer.resume_reading()
    assert 7 == pair.layer.get_write_buffer_size()
    assert not pair.layer.is_closing()
    pair.layer.abort()
    assert pair.layer.is_closing()
    pair.layer.connection_lost(None)
    assert ["made", "pause", "resume", type(None)] == pair.above.calls
    assert ["pause_reading", "resume_reading", "abort"] == pair.below.calls


async def test_close_notify(pair: Pair) -> None:
    """close_notify ends the connection, after the octets that came before it."""
    encrypted = pair.store.say(b"answer")
    with pytest.raises(ssl.SSLWantReadError):
        pair.store.tls.unwrap()
    pair.layer.data_received(encrypted + pair.store.outgoing.read())
    assert b"answer" == pair.above.received
    assert ["made", "eof"] == pair.above.calls


async def test_end_without_close_notify(pair: Pair) -> None:
    """The end of the connection without close_notify is passed on as well."""
    pair.layer.eof_received()
    pair.layer.connection_lost(None)
    assert ["made", "eof", type(None)] == pair.above.calls


async def test_octets_that_are_no_tls(pair: Pair) -> None:
    """A connection on which anything else than TLS comes is dropped with the reason."""
    pair.layer.data_received(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert ["abort"] == pair.below.calls
    pair.layer.connection_lost(None)
    assert ["made", ssl.SSLError] == pair.above.calls
    pair.layer.write(b"more")
    assert not pair.below.written


async def test_answer_that_was_never_read(pair: Pair) -> None:
    """Octets left in the socket when a write fails are decrypted and passed on before the end."""
    first, second = pair.store.say(b"one"), pair.store.say(b"two")
    pair.layer.data_received(first + second[:10])
    pair.theirs.send(second[10:])
    pair.layer.connection_lost(BrokenPipeError())
    assert b"onetwo" == pair.above.received
    assert ["made", BrokenPipeError] == pair.above.calls


async def test_certificate_that_is_not_trusted(authority: Authority) -> None:
    """The handshake fails with the reason, the store gets an alert, and the protocol above no connection."""
    pair = Pair(authority, ssl.create_default_context())
    pair.shake_hands()
    with pytest.raises(ssl.SSLCertVerificationError):
        await pair.layer.ready
    pair.layer.connection_lost(None)
    assert (["close"], []) == (pair.below.calls, pair.above.calls)
    pair.close()


ENDS: dict[str, tuple[Exception | None, type[Exception]]] = {
    "closed": (None, ConnectionResetError),
    "reset": (ConnectionAbortedError(), ConnectionAbortedError),
}


@pytest.mark.parametrize(("error", "expected"), ENDS.values(), ids=ENDS)
async def test_end_in_the_handshake(authority: Authority, error: Exception | None, expected: type[Exception]) -> None:
    """If the connection ends during the handshake, the handshake fails."""
    pair = Pair(authority, authority.client())
    pair.layer.pause_writing()
    pair.layer.resume_writing()
    pair.layer.eof_received()
    pair.layer.connection_lost(error)
    with pytest.raises(expected):
        await pair.layer.ready
    assert [] == pair.above.calls
    pair.close()


async def test_handshake_that_nobody_waits_for(authority: Authority) -> None:
    """After the waiting was cancelled, nothing more is reported."""
    pair = Pair(authority, authority.client())
    pair.layer.ready.cancel()
    pair.shake_hands()
    pair.layer.connection_lost(None)
    assert [] == pair.above.calls
    pair.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: make peers")
@pytest.mark.parametrize("command", ["r", "R"], ids=["renegotiation", "with a certificate asked for"])
async def test_renegotiation(tmp_path: Path, command: str) -> None:
    """A store that negotiates TLS 1.2 anew in the middle of an upload gets all of it in order."""
    authority = Authority(tmp_path)
    pair = authority.issue("localhost")
    keys = "-cert", str(pair.certificate), "-key", str(pair.key)
    process = await asyncio.create_subprocess_exec(
        *("openssl", "s_server", "-tls1_2", "-accept", "127.0.0.1:0", *keys),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while not (line := await process.stdout.readline()).startswith(b"ACCEPT"):
                assert line
            connected = socket.create_connection(("127.0.0.1", int(line.split(b":")[-1])))
            connected.setblocking(False)
            above = UpperProtocol()
            layer = TlsLayer(above, authority.client(), "localhost", connected)
            await asyncio.get_running_loop().create_connection(lambda: layer, sock=connected)
            await layer.ready
            received: list[int] = []
            for number in range(LINES):
                layer.write(b"line %d %s\n" % (number, bytes(1000).hex().encode()))
                if number == LINES // 4:
                    process.stdin.write(command.encode() + b"\n")
                    await process.stdin.drain()
                while number - len(received) > 100 or (number == LINES - 1 and len(received) < LINES):
                    words = (await process.stdout.readline()).split()
                    assert words or not process.stdout.at_eof()
                    if words[:1] == [b"line"]:
                        received.append(int(words[1]))
            assert list(range(LINES)) == received
            assert "connection_lost" not in above.calls
            layer.abort()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
