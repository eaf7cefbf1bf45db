"""Binds the port of an HTTP listener and closes its connections when it stops."""

import socket
from collections.abc import Sequence

from adapters.http.access import Access
from adapters.http.service import Service
from adapters.http.serving.connection import Connection
from adapters.http.serving.exchange import Exchange
from adapters.http.serving.server import Server
from adapters.http.settings import HttpListenerSettings
from gateway.contract.bound_listener import BoundListener, serve
from gateway.contract.destination import Deliver
from gateway.contract.limits import SharedLimits
from gateway.contract.listener import TlsAcceptor
from gateway.contract.message_ids import id_source
from gateway.contract.meter import ListenerMeter


class HttpListener(BoundListener):
    """Takes requests."""

    _service: Service[Connection]


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

    servers = await serve(connect, (settings.host, settings.port), sockets, tls_acceptor)
    return HttpListener(service, servers, tls_acceptor)
