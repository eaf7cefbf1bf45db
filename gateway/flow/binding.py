"""Binds the listeners of the configuration, and opens those that fetch messages."""

import socket
from collections.abc import Mapping, Sequence

import structlog

from gateway.contract.addresses import is_loopback
from gateway.contract.errors import ConfigError
from gateway.contract.kind import Tools
from gateway.contract.listener import Drained, Listener
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
        for name in routing.config.ports:
            bound[name] = await _bind(name, routing, limits, sockets.get(name, ()))
    except ConfigError:
        await drain(list(bound.values()), 0)
        raise
    return bound


async def _bind(name: str, routing: Routing, limits: ProcessLimits, sockets: Sequence[socket.socket]) -> Listener:
    settings, kind = routing.config.ports[name], KINDS.listeners[routing.config.listeners[name].kind]
    meter = routing.metrics.listener(name)
    assert kind.bind is not None  # noqa: S101  a kind with ports binds them
    deliver, watched = routing.audit.delivery(routing.router(name, meter)), routing.audit.meter(name, meter)
    tls_acceptor = listener_tls_acceptor(name, settings, routing.metrics, watched, limits)
    if tls_acceptor is None and not is_loopback(settings.host):
        log.warning("listener_not_encrypted", listener=name, host=settings.host)
    more = {"acknowledgements": routing.acknowledgements} if kind.tells_acknowledgements else {}
    try:
        sockets = sockets or await listening_sockets(settings.host, settings.port)
        listener = await kind.bind(
            name, settings, deliver, watched, sockets=sockets, tls_acceptor=tls_acceptor, limits=limits, **more
        )
    except OSError as error:
        raise cannot_bind(f"listeners.{name}", settings.host, settings.port, error) from None
    log.info(
        "listener_bound",
        listener=name,
        kind=kind.name,
        host=settings.host,
        port=listener.port,
        acknowledge=settings.acknowledge,
        tls=settings.tls is not None,
    )
    return listener


async def fetch_all(routing: Routing, tools: Tools) -> dict[str, Drained]:
    """Open every listener that fetches messages, or none."""
    opened: dict[str, Drained] = {}
    try:
        for name, settings in routing.config.listeners.items():
            kind = KINDS.listeners[settings.kind]
            if kind.fetch is not None:
                meter = routing.metrics.listener(name)
                deliver, watched = routing.audit.delivery(routing.router(name, meter)), routing.audit.meter(name, meter)
                source_meter = routing.metrics.sources.of(name)
                opened[name] = await kind.fetch(name, settings, deliver, watched, source_meter, tools)
    except ConfigError:
        await drain(list(opened.values()), 0)
        raise
    return opened
