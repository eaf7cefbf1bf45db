"""Sending PDUs, and closing."""

import asyncio
import socket
import struct
from collections.abc import Iterator

import pytest

from adapters.dimse.serving.watch import Watch
from adapters.dimse.serving.writer import PduWriter
from adapters.dimse.settings import DimseListenerSettings
from tests.adapters.dimse.transports import FakeTransport


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    """Return a socket for the options."""
    with socket.socket() as made:
        yield made


@pytest.mark.parametrize(("closing", "written"), [(False, [b"PDU"]), (True, [])])
async def test_send(sock: socket.socket, closing: bool, written: list[bytes]) -> None:
    """Nothing is written to a connection that is closing."""
    transport = FakeTransport()
    transport.closing = closing
    PduWriter(transport, sock, Watch(DimseListenerSettings(port=0), 0)).send(b"PDU")
    assert written == transport.written


async def test_watch(sock: socket.socket) -> None:
    """The watch learns since when the peer does not read, and when it reads again."""
    watch = Watch(DimseListenerSettings(port=0), 0)
    writer = PduWriter(FakeTransport(), sock, watch)
    writer.pause()
    assert watch.blocked_since is not None
    assert watch.blocked_since <= asyncio.get_running_loop().time()
    writer.resume()
    assert watch.blocked_since is None


@pytest.mark.parametrize(("unread", "told", "linger"), [(0, ["close"], 0), (1, ["abort"], 1)], ids=["read", "unread"])
async def test_close(sock: socket.socket, unread: int, told: list[str], linger: int) -> None:
    """The connection of a peer that has read everything is closed; any other is reset, and unsent data is dropped."""
    transport = FakeTransport(unread=unread)
    PduWriter(transport, sock, Watch(DimseListenerSettings(port=0), 0)).close()
    option = sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
    assert (told, (linger, 0)) == (transport.told, struct.unpack("ii", option))
