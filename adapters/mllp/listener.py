"""Binds the port of an MLLP listener and closes its connections when it stops."""

import asyncio
import socket
from collections.abc import Sequence

from adapters.mllp.exchange import Exchange, id_source
from adapters.mllp.peer_policy import PeerPolicies
from adapters.mllp.service import Service
from adapters.mllp.serving.connection import Connection
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.meter import ListenerMeter

BACKLOG = 512
"""Connections the kernel holds until we accept them: after a restart every peer comes back at once."""


class MllpListener:
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
    def name(self) -> str:
        """Its key in the configuration."""
        return self._service.name

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


async def bind(  # noqa: PLR0913  what the contract passes
    name: str,
    settings: MllpListenerSettings,
    deliver: Deliver,
    meter: ListenerMeter,
    *,
    sockets: Sequence[socket.socket] = (),
    tls_acceptor: TlsAcceptor | None = None,
    limits: SharedLimits | None = None,
    acknowledgements: Acknowledgements | None = None,
) -> MllpListener:
    """Listen as *settings* say and have each message delivered by *deliver*; *tls_acceptor* does the TLS handshakes.

    *sockets* that listen already take the place of the settings' address. *limits* are shared with other listeners;
    without them there is no limit of that kind. *acknowledgements* are told of those that come in. Raises OSError where
    the address cannot be bound. To end the listener, call ``stop_accepting`` and wait for its ``tasks``.
    """
    new_id = id_source()

    def exchange(each: MllpListenerSettings, send: Deliver) -> Exchange:
        return Exchange(name, each, send, meter, new_id, acknowledgements)

    peer_policy = PeerPolicies(settings, deliver, exchange, limits)
    service: Service[Connection] = Service(name, settings, peer_policy, meter, limits)

    def connect() -> Connection:
        return Connection(service)

    loop, factory = asyncio.get_running_loop(), tls_acceptor.before(connect) if tls_acceptor else connect
    servers = [await loop.create_server(factory, sock=each, backlog=BACKLOG) for each in sockets]
    if not servers:
        servers = [await loop.create_server(factory, settings.host, settings.port, backlog=BACKLOG)]
    return MllpListener(service, servers, tls_acceptor)
