"""A listener with a port, whatever it speaks."""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from gateway.contract.bound_listener import BoundListener, serve
from tests.waiting import until


class FakeConnection(asyncio.Protocol):
    """A connected peer."""

    def __init__(self, service: "FakeService") -> None:
        self._service = service
        self.is_drained = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the peer."""
        self._service.connections.add(self)
        cast("asyncio.Transport", transport).write(b"hello")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the peer."""
        self._service.connections.discard(self)

    def drain(self) -> None:
        """Be told to close; it leaves its listener at once."""
        self.is_drained = True
        self._service.connections.discard(self)


class FakeService:
    """What its connections share."""

    def __init__(self) -> None:
        self.stopping = False
        self.tasks: set[asyncio.Task[None]] = set()
        self.connections: set[FakeConnection] = set()


class FakeAcceptor:
    """Does no handshake, and counts."""

    def __init__(self) -> None:
        self.accepted, self.is_closed = 0, False

    def before(self, connect: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Count each connection."""

        def counted() -> asyncio.Protocol:
            self.accepted += 1
            return connect()

        return counted

    def close(self) -> None:
        """Be closed."""
        self.is_closed = True


async def listening(
    service: FakeService, acceptor: FakeAcceptor | None = None, *sockets: socket.socket
) -> BoundListener:
    """Bind a free port of 127.0.0.1, or listen on *sockets*."""
    servers = await serve(lambda: FakeConnection(service), ("127.0.0.1", 0), sockets, acceptor)
    return BoundListener(service, servers, acceptor)


async def greet(port: int, service: FakeService) -> None:
    """Connect, read the greeting, and leave."""
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert b"hello" == await reader.readexactly(5)
        writer.close()
        await writer.wait_closed()
    await until(lambda: not service.connections)


async def test_stop() -> None:
    """Everybody who is connected is told to leave, and the port is given up."""
    service = FakeService()
    listener = await listening(service)
    connected = [FakeConnection(service) for _ in range(2)]
    service.connections.update(connected)
    listener.stop_accepting()
    assert (True, [True, True]) == (service.stopping, [each.is_drained for each in connected])
    assert [False] == [each.is_serving() for each in listener._servers]


async def test_tls() -> None:
    """Each connection goes through the acceptor, which ends with the listener."""
    acceptor = FakeAcceptor()
    service = FakeService()
    listener = await listening(service, acceptor)
    await greet(listener.port, service)
    listener.stop_accepting()
    assert (1, True) == (acceptor.accepted, acceptor.is_closed)


async def test_sockets() -> None:
    """Sockets that listen already take the place of the address."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [each.getsockname()[1] for each in sockets]
    service = FakeService()
    listener = await listening(service, None, *sockets)
    assert ports[0] == listener.port
    for port in ports:
        await greet(port, service)
    listener.stop_accepting()


async def test_tasks() -> None:
    """The tasks of the connections are those of the listener."""
    service = FakeService()
    listener = await listening(service)
    assert service.tasks is listener.tasks
    listener.stop_accepting()
