"""A DIMSE listener: a bound port, and the connections that come in on it."""

import logging
import socket
from collections.abc import Sequence

from adapters.dimse.peer_policy import PeerPolicies
from adapters.dimse.service import Service
from adapters.dimse.serving.connection import Connection
from adapters.dimse.settings import DimseListenerSettings
from gateway.contract.bound_listener import BoundListener, serve
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.meter import ListenerMeter


class DimseListener(BoundListener):
    """A storage SCP."""

    _service: Service[Connection]


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

    servers = await serve(connect, (settings.host, settings.port), sockets, tls_acceptor)
    return DimseListener(service, servers, tls_acceptor)


def silence_pynetdicom_logs() -> None:
    """Keep pynetdicom from logging: it quotes what peers sent, identifiers and data set values among it."""
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
