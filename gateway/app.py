"""The composition root: builds, starts, drains and stops a gateway. Destinations start first and stop last."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import structlog

from gateway.admin.access import access_by, access_of
from gateway.admin.server import Readiness, add_spool_api, build_admin, serving_admin
from gateway.audit.opening import Audit, open_audit
from gateway.config.destinations import destinations_of
from gateway.config.loading import Config
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.destination import Destination
from gateway.contract.kind import Format, Tools
from gateway.contract.listening import drain
from gateway.contract.message import Message, Subject
from gateway.contract.once import OnePerGateway
from gateway.flow.availability import Availability
from gateway.flow.binding import bind_all, fetch_all
from gateway.flow.routes import Routing
from gateway.flow.spooling import open_commit_mode
from gateway.flow.steps import open_steps, stepped
from gateway.flow.supervised import supervise
from gateway.kinds import KINDS
from gateway.limits.descriptors import Descriptors, reserve
from gateway.limits.shared import ProcessLimits
from gateway.spool import Spool
from gateway.spool.inheritance import Inheritance
from gateway.telemetry.metrics import Metrics
from gateway.tls.opening import client_contexts, store_contexts

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Running:
    """The ports of a running gateway."""

    ports: Mapping[str, int]
    """Port of each listener, by name."""
    admin_port: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """What differs from worker to worker; the default is for a gateway with only one process."""

    number: int = 1
    """Number of the worker, counted from 1."""
    sockets: Mapping[str, Sequence[socket.socket]] = field(default_factory=dict)
    """By listener, the sockets to accept connections from, already listening; a listener without one binds its own."""
    admin_token: str | None = None
    """If set, the admin port demands this token, whatever the configuration says."""


ALONE = Assignment()


async def run(
    config: Config,
    stop: asyncio.Event,
    started: Callable[[Running], None] = lambda _: None,
    assignment: Assignment = ALONE,
    inheritance: Inheritance | None = None,
) -> int:
    """Serve until *stop* is set; return how many peers were cut off after the drain.

    *started* is called once every listener is bound. Raises ConfigError if a port cannot be bound or a file of the
    configuration is not valid.
    """
    metrics = Metrics()
    async with AsyncExitStack() as downstream:
        audit = await downstream.enter_async_context(_audit(config, metrics))
        steps = await downstream.enter_async_context(open_steps(config.steps, metrics, config.domains))
        acknowledgements = Acknowledgements()
        tools = tools_of(config.data_dir, config.read_stores, metrics, acknowledgements)
        destinations = await _open_destinations(config, tools, audit, downstream)
        readiness = Readiness(destinations)
        successor = inheritance or Inheritance()
        availability = {name: Availability(name, metrics.destination(name)) for name in destinations}
        spooled = {name: stepped(each, steps, config.destinations[name].via) for name, each in destinations.items()}
        spool = await downstream.enter_async_context(
            open_commit_mode(config, spooled, metrics, assignment.number, successor, readiness.trouble, availability)
        )
        admin_port = await downstream.enter_async_context(_admin(config, assignment, readiness, metrics, spool, audit))
        limits = ProcessLimits(config.max_in_flight_bytes, Descriptors(reserve(config)))
        metrics.in_flight(lambda: limits.in_flight_octets)
        routing = Routing(config, destinations, metrics, spool, audit, steps, availability, acknowledgements)
        listeners = await bind_all(routing, limits, assignment.sockets)
        keep_going = partial(_keep_going, readiness, metrics)
        sources = await fetch_all(routing, replace(tools, keep_going=keep_going))
        taking = [*sources.values(), *listeners.values()]
        readiness.bound(listeners)
        audit.started()
        running = Running({name: each.port for name, each in listeners.items()}, admin_port)
        log.info("gateway_started", ports=running.ports, admin_port=admin_port)
        try:
            started(running)
            await stop.wait()
        except BaseException:
            await drain(taking, 0)
            raise
        readiness.draining()
        if spool is not None:
            spool.stop_adopting()
        cut_off = await drain(taking, config.drain_seconds)
    log.info("gateway_stopped", cut_off=cut_off)
    return cut_off


def tools_of(
    data_dir: Path, read_stores: frozenset[str], metrics: Metrics, acknowledgements: Acknowledgements
) -> Tools:
    """Return what a kind is given when it opens a destination or a listener that fetches."""
    return Tools(
        partial(store_contexts, metrics=metrics),
        KINDS.credentials,
        partial(client_contexts, metrics=metrics),
        partial(OnePerGateway, data_dir),
        metrics.exchanges,
        acknowledgements,
        data_dir,
        read_stores,
    )


async def _keep_going(readiness: Readiness, metrics: Metrics, name: str, run: Callable[[], Awaitable[None]]) -> None:
    await supervise(name, run, readiness.trouble, metrics.task_restarts.labels(name).inc)


async def _open_destinations(
    config: Config, tools: Tools, audit: Audit, stack: AsyncExitStack
) -> dict[str, Destination]:
    """Open the destinations."""
    destinations: dict[str, Destination] = {}
    for name, each in config.destinations.items():
        kind = KINDS.destinations[each.kind]
        store = await stack.enter_async_context(kind.open(name, each, tools))
        destinations[name] = audit.destination(store, store.address, partial(_subject_of, takes=kind.takes))
    return destinations


def _admin(
    config: Config, assignment: Assignment, readiness: Readiness, metrics: Metrics, spool: Spool | None, audit: Audit
) -> AbstractAsyncContextManager[int]:
    access = access_by(token) if (token := assignment.admin_token) else access_of(config.admin, config.data_dir)
    application = build_admin(readiness, metrics, spool, access)
    if spool is not None:
        add_spool_api(application, spool, destinations_of(config), config.listeners, audit.acted)
    return serving_admin(config.admin, application)


def _audit(config: Config, metrics: Metrics) -> AbstractAsyncContextManager[Audit]:
    titles = [KINDS.listeners[each.kind].title_of(each) for each in config.listeners.values()]
    return open_audit(config.audit, metrics, _subject_of, [each for each in titles if each is not None])


def _subject_of(message: Message, beginning: bytes, takes: frozenset[Format] | None = None) -> Subject:
    """Return the patient of a message; *takes* are the formats of the destination that it is sent to."""
    kind = KINDS.listeners.get(message.facts["protocol"])
    if kind is not None and takes is not None and kind.gives not in takes:  # a step has converted it
        kind = next((each for each in KINDS.listeners.values() if each.gives in takes), None)
    return Subject() if kind is None else kind.subject_of(message, beginning)
