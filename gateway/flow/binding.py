"""Binds the listeners of the configuration."""

import socket
from collections.abc import Mapping, Sequence

import structlog

from gateway.contract.addresses import is_loopback
from gateway.contract.errors import ConfigError
from gateway.contract.listener import Listener
from gateway.contract.listening import cannot_bind, drain, listening_sockets
from gateway.flow.routes import Routing
from gateway.kinds import KINDS
from gateway.limits.shared import ProcessLimits
from gateway.tls.opening import listener_tls_acceptor

log = structlog.get_logger()


async def bind_all(
    routing: Routing, limits: ProcessLimits, sockets: Mapping[str, Sequence[socket.socket]]
) -> dict[str, Listener]:
    """Bind every listener or none: when one cannot be bound, those already bound are closed."""
    bound: dict[str, Listener] = {}
    try:
        for name in routing.config.listeners:
            bound[name] = await _bind(name, routing, limits, sockets.get(name, ()))
    except ConfigError:
        await drain(list(bound.values()), 0)
        raise
    return bound


async def _bind(name: str, routing: Routing, limits: ProcessLimits, sockets: Sequence[socket.socket]) -> Listener:
    settings, meter = routing.config.listeners[name], routing.metrics.listener(name)
    deliver, watched = routing.audit.delivery(routing.router(name, meter)), routing.audit.meter(name, meter)
    tls_acceptor = listener_tls_acceptor(name, settings, routing.metrics, watched, limits)
    if tls_acceptor is None and not is_loopback(settings.host):
        log.warning("listener_not_encrypted", listener=name, host=settings.host)
    try:
        sockets = sockets or await listening_sockets(settings.host, settings.port)
        listener = await KINDS.listeners[settings.kind].bind(
            name, settings, deliver, watched, sockets=sockets, tls_acceptor=tls_acceptor, limits=limits
        )
    except OSError as error:
        raise cannot_bind(f"listeners.{name}", settings.host, settings.port, error) from None
    log.info(
        "listener_bound",
        listener=name,
        kind=settings.kind,
        host=settings.host,
        port=listener.port,
        acknowledge=settings.acknowledge,
        tls=settings.tls is not None,
    )
    return listener
