"""A DIMSE listener: a bound port, and the connections that come in on it."""

import asyncio
import logging
import socket
from collections.abc import Sequence

from adapters.dimse.peer_policy import PeerPolicies
from adapters.dimse.service import Service
from adapters.dimse.serving.connection import Connection
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.meter import ListenerMeter

BACKLOG = 512
"""Connections the kernel holds until we accept them; with asyncio's 100, a port scan makes others wait a second."""


class DimseListener:
    """A storage SCP. Stop it with :meth:`stop_accepting`, then wait for its tasks, or cancel them."""

    def __init__(
        self, servers: Sequence[asyncio.Server], service: Service[Connection], tls_acceptor: TlsAcceptor | None = None
    ) -> None:
        self._servers = servers
        self._tls_acceptor = tls_acceptor
        self._service = service
        self._port = int(servers[0].sockets[0].getsockname()[1])
        self.tasks = service.tasks
        """One per connected peer, ending when the peer is gone."""

    @property
    def port(self) -> int:
        """The bound TCP port, also when 0 was configured."""
        return self._port

    def stop_accepting(self) -> None:
        """Unbind; end idle associations now and busy ones after the answer that they wait for."""
        for server in self._servers:
            server.close()
        if self._tls_acceptor is not None:
            self._tls_acceptor.close()
        self._service.is_draining = True
        for connection in tuple(self._service.connections):
            connection.drain()


async def bind(
    name: str,
    settings: DimseListenerSettings,
    deliver: Deliver,
    meter: ListenerMeter,
    *,
    sockets: Sequence[socket.socket] = (),
    tls_acceptor: TlsAcceptor | None = None,
    limits: SharedLimits | None = None,
) -> DimseListener:
    """Listen as *settings* say; *tls_acceptor* does TLS handshakes; *deliver* is called for each instance.

    *sockets* that listen already take the place of the settings' address. Raises OSError when the address cannot be
    bound. *limits* are shared with other listeners; without them there is no limit of that kind.
    """
    silence_pynetdicom_logs()
    service: Service[Connection] = Service(name, settings, PeerPolicies(settings, limits), deliver, meter, limits)

    def connect() -> Connection:
        return Connection(service)

    loop, factory = asyncio.get_running_loop(), tls_acceptor.before(connect) if tls_acceptor else connect
    servers = [await loop.create_server(factory, sock=each, backlog=BACKLOG) for each in sockets]
    if not servers:
        servers = [await loop.create_server(factory, settings.host, settings.port, backlog=BACKLOG)]
    return DimseListener(servers, service, tls_acceptor)


def silence_pynetdicom_logs() -> None:
    """Keep pynetdicom from logging: it quotes what peers sent, identifiers and data set values among it."""
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
