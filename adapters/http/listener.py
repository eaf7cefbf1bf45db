"""Binds the port of an HTTP listener and closes its connections when it stops."""

import asyncio
import itertools
import secrets
import socket
from collections.abc import Callable, Sequence

from adapters.http.access import Access
from adapters.http.service import Service
from adapters.http.serving.connection import Connection
from adapters.http.serving.exchange import Exchange
from adapters.http.serving.server import Server
from adapters.http.settings import HttpListenerSettings
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.meter import ListenerMeter

BACKLOG = 512
"""Connections the kernel holds until we accept them: after a restart every peer comes back at once."""


class HttpListener:
    """A bound listener; see ``gateway.contract.listener.Listener``."""

    def __init__(
        self, service: Service[Connection], servers: Sequence[asyncio.Server], tls_acceptor: TlsAcceptor | None = None
    ) -> None:
        self._service = service
        self._servers = servers
        self._tls_acceptor = tls_acceptor
        self._port: int = servers[0].sockets[0].getsockname()[1]
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
        for connection in tuple(self._service.connections.values()):
            connection.drain()


async def bind(
    name: str,
    settings: HttpListenerSettings,
    deliver: Deliver,
    meter: ListenerMeter,
    *,
    sockets: Sequence[socket.socket] = (),
    tls_acceptor: TlsAcceptor | None = None,
    limits: SharedLimits | None = None,
) -> HttpListener:
    """Listen as *settings* say and have each request delivered by *deliver*; *tls_acceptor* does the TLS handshakes.

    *sockets* that listen already take the place of the settings' address. *limits* are shared with other listeners;
    without them there is no limit of that kind. Raises OSError where the address cannot be bound, ConfigError where a
    file holds no token. To end the listener, call ``stop_accepting`` and wait for its ``tasks``.
    """
    by_certificate = settings.tls is not None and settings.tls.client_auth == "optional"
    access = Access(settings.token_files, f"listeners.{name}", by_certificate=by_certificate)
    service: Service[Connection] = Service(name, settings, deliver, access, meter, limits)
    server = Server(service, Exchange(service, id_source()).handle)

    def connect() -> Connection:
        return Connection(service, server())

    loop, factory = asyncio.get_running_loop(), tls_acceptor.before(connect) if tls_acceptor else connect
    servers = [await loop.create_server(factory, sock=each, backlog=BACKLOG) for each in sockets]
    if not servers:
        servers = [await loop.create_server(factory, settings.host, settings.port, backlog=BACKLOG)]
    return HttpListener(service, servers, tls_acceptor)


def id_source() -> Callable[[], str]:
    """Return a function whose every call gives a new name of 20 characters, unique among all processes."""
    prefix = secrets.token_hex(6)
    count = itertools.count(1)
    return lambda: f"{prefix}{next(count) & 0xFFFFFFFF:08x}"
