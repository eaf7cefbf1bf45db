"""Binds the port of an MLLP listener and closes its connections when it stops."""

import socket
from collections.abc import Sequence

from adapters.mllp.exchange import Exchange
from adapters.mllp.peer_policy import PeerPolicies
from adapters.mllp.service import Service
from adapters.mllp.serving.connection import Connection
from adapters.mllp.settings import MllpListenerSettings
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.bound_listener import BoundListener, serve
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.message_ids import id_source
from gateway.contract.meter import ListenerMeter


class MllpListener(BoundListener):
    """Takes HL7v2 messages."""

    _service: Service[Connection]

    @property
    def name(self) -> str:
        """Its key in the configuration."""
        return self._service.name


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

    servers = await serve(connect, (settings.host, settings.port), sockets, tls_acceptor)
    return MllpListener(service, servers, tls_acceptor)
