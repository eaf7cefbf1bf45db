"""A listener with a port: binds it, and lets its peers go when it stops."""

import asyncio
import socket
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from gateway.contract.listener import TlsAcceptor

BACKLOG = 512
"""Connections the kernel holds until we accept them: after a restart every peer comes back at once, and with asyncio's
100 a port scan makes others wait a second."""


class Served(Protocol):
    """One connected peer."""

    def drain(self) -> None:
        """Close the connection now if it is idle, or else after the answer that is due."""


class Shared(Protocol):
    """What the connections of a listener share."""

    stopping: bool
    tasks: set[asyncio.Task[None]]

    @property
    def connections(self) -> Collection[Served]:
        """The connected peers."""


class BoundListener:
    """A bound listener; see ``gateway.contract.listener.Listener``."""

    def __init__(
        self, service: Shared, servers: Sequence[asyncio.Server], tls_acceptor: TlsAcceptor | None = None
    ) -> None:
        self._service = service
        self._servers = servers
        self._tls_acceptor = tls_acceptor
        self._port = int(servers[0].sockets[0].getsockname()[1])
        self.tasks = service.tasks
        """One per connected peer; cancelling it cuts the peer off."""

    @property
    def port(self) -> int:
        """The bound TCP port, also when 0 was configured."""
        return self._port

    def stop_accepting(self) -> None:
        """Unbind; close idle connections now and busy ones after the answer that they wait for."""
        self._service.stopping = True
        for server in self._servers:
            server.close()
        if self._tls_acceptor is not None:
            self._tls_acceptor.close()
        for connection in tuple(self._service.connections):
            connection.drain()


async def serve(
    connect: Callable[[], asyncio.Protocol],
    address: tuple[str, int],
    sockets: Sequence[socket.socket] = (),
    tls_acceptor: TlsAcceptor | None = None,
) -> list[asyncio.Server]:
    """Serve each peer by what *connect* returns, after the TLS handshake if there is one.

    *sockets* that listen already take the place of the *address*. Raises OSError where it cannot be bound.
    """
    loop, factory = asyncio.get_running_loop(), tls_acceptor.before(connect) if tls_acceptor else connect
    servers = [await loop.create_server(factory, sock=each, backlog=BACKLOG) for each in sockets]
    return servers or [await loop.create_server(factory, *address, backlog=BACKLOG)]
