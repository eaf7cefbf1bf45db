"""Composition root: build, start, drain, stop. Downstream starts first and stops last."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from adapters.dimse import listener as dimse
from adapters.dimse.requesting import sender as storage_scu
from adapters.dimse.settings import DimseListenerSettings
from adapters.dimse.subject import subject_of as subject_of_instance
from adapters.hl7.acknowledgement import answer_code
from adapters.hl7.er7 import Header
from adapters.hl7.outbound import prepare
from adapters.hl7.patient import patient_id
from adapters.hl7.subject import subject_of as subject_of_hl7
from adapters.mllp import listener as mllp
from adapters.mllp.files import messages_in
from adapters.mllp.sender import MllpSender
from adapters.mllp.settings import MllpListenerSettings
from adapters.rest.connecting.dialer import Trust
from adapters.rest.hl7v2_store import Hl7v2Store
from adapters.rest.http_post import HttpPost
from adapters.rest.settings import DicomwebSettings, Hl7v2StoreSettings, HttpSettings, OAuth2Credentials
from gateway.admin.access import access_by, access_of
from gateway.admin.server import Readiness, add_spool_api, build_admin, serve_admin
from gateway.admin.settings import AdminSettings
from gateway.audit.opening import Audit, open_audit
from gateway.cli.send import Address, Answered
from gateway.config.loading import Config, RouteSettings
from gateway.contract.addresses import is_loopback
from gateway.contract.body import WholeBody
from gateway.contract.destination import Destination
from gateway.contract.errors import ConfigError
from gateway.contract.listener import Listener
from gateway.contract.message import Message, Subject
from gateway.flow.commit import Commit
from gateway.flow.delivery import Delivery
from gateway.flow.ordering import order_key
from gateway.flow.retry import Backoff
from gateway.flow.routing import Route, Router
from gateway.flow.spooling import dispatching
from gateway.limits.descriptors import Descriptors, reserve
from gateway.limits.shared import ProcessLimits
from gateway.process.listening import cannot_bind, drain, sockets_of_both
from gateway.spool.folders import Seat, existing_folders, folders_set_aside
from gateway.spool.inheritance import Inheritance
from gateway.spool.interface import Spool
from gateway.spool.opening import open_spool
from gateway.telemetry.metrics import ListenerMetrics, Metrics
from gateway.tls.opening import admin_entrance, listener_entrance, store_contexts

if TYPE_CHECKING:
    from adapters.rest.dicomweb.store import Dicomweb

log = structlog.get_logger()

ListenerKind = MllpListenerSettings | DimseListenerSettings
DestinationKind = Hl7v2StoreSettings | HttpSettings | DicomwebSettings


@dataclass(frozen=True, slots=True)
class Running:
    """The addresses of a gateway that is up."""

    ports: Mapping[str, int]
    """A listener's name to its port."""
    admin_port: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """What sets one worker apart from the others; the default is that of a process without others."""

    number: int = 1
    """Counted from 1."""
    sockets: Mapping[str, Sequence[socket.socket]] = field(default_factory=dict)
    """By listener, those that it accepts peers from; they listen already. Without one it binds its own."""
    admin_token: str | None = None
    """If there is one, only who knows it may ask the admin port, whatever the configuration says."""


ALONE = Assignment()


async def run(
    config: Config,
    stop: asyncio.Event,
    started: Callable[[Running], None] = lambda _: None,
    assignment: Assignment = ALONE,
    inheritance: Inheritance | None = None,
) -> int:
    """Serve until *stop*; return how many peers had to be cut off.

    *started* is called once every listener is bound. Raises ConfigError when a port cannot be bound or a file of the
    configuration is no good.
    """
    metrics = Metrics()
    async with AsyncExitStack() as downstream:
        audit = await downstream.enter_async_context(_audit(config, metrics))
        destinations: dict[str, Destination] = {}
        for name, each in config.destinations.items():
            store = _destination(name, each, _trust(name, each, metrics))
            destinations[name] = audit.destination(await downstream.enter_async_context(store), store.address)
        readiness = Readiness(destinations)
        spool = await downstream.enter_async_context(
            _spool(config, destinations, metrics, readiness, assignment.number, inheritance or Inheritance())
        )
        access = access_by(token) if (token := assignment.admin_token) else access_of(config.admin, config.data_dir)
        application = build_admin(readiness, metrics, spool, access)
        if spool is not None:
            add_spool_api(application, spool, config)
        admin_port = await downstream.enter_async_context(serving_admin(config.admin, application))
        limits = ProcessLimits(config.max_in_flight_bytes, Descriptors(reserve(config)))
        metrics.in_flight(lambda: limits.in_flight_octets)
        routing = Routing(config, destinations, metrics, spool, audit)
        listeners = await _bind_all(routing, limits, assignment.sockets)
        readiness.bound(listeners)
        audit.started()
        running = Running({name: each.port for name, each in listeners.items()}, admin_port)
        log.info("gateway_started", ports=running.ports, admin_port=admin_port)
        try:
            started(running)
            await stop.wait()
        except BaseException:
            await drain(list(listeners.values()), 0)
            raise
        readiness.draining()
        if spool is not None:
            spool.stop_adopting()
        cut_off = await drain(list(listeners.values()), config.drain_seconds)
    log.info("gateway_stopped", cut_off=cut_off)
    return cut_off


def _trust(name: str, settings: DestinationKind, metrics: Metrics) -> Trust:
    credentials = settings.credentials
    tokens = credentials.tls if isinstance(credentials, OAuth2Credentials) else None
    return Trust(
        store_contexts(f"destinations.{name}.tls", settings.tls, metrics),
        store_contexts(f"destinations.{name}.credentials.tls", tokens, metrics),
    )


def _destination(name: str, settings: DestinationKind, trust: Trust) -> "Hl7v2Store | HttpPost | Dicomweb":
    if isinstance(settings, DicomwebSettings):
        from adapters.rest.dicomweb.store import Dicomweb  # noqa: PLC0415  only those who need it pay its 9 MiB

        return Dicomweb(name, settings, trust)
    outbound = partial(
        prepare, charset=settings.charset, segment_end=settings.segment_end, line_feeds=settings.line_feeds
    )
    if isinstance(settings, HttpSettings):
        return HttpPost(name, settings, outbound, trust)
    return Hl7v2Store(name, settings, outbound, trust)


@asynccontextmanager
async def _spool(
    config: Config,
    destinations: Mapping[str, Destination],
    metrics: Metrics,
    readiness: Readiness,
    worker: int,
    inheritance: Inheritance,
) -> AsyncIterator[Spool | None]:
    """Open the spool where a listener commits, or where an earlier configuration has left one."""
    commits = any(each.acknowledge == "commit" for each in config.listeners.values())
    left = existing_folders(config.data_dir) or folders_set_aside(config.data_dir)
    if not commits and not left:
        yield None
        return
    trouble = partial(readiness.trouble, "spool")
    settings, grace = config.destinations, config.drain_seconds
    async with (
        open_spool(
            config.data_dir, config.spool, Seat(worker, config.workers), trouble=trouble, inheritance=inheritance
        ) as spool,
        dispatching(spool, destinations, settings, metrics, grace, readiness.trouble),
    ):
        yield spool


@asynccontextmanager
async def serving_admin(settings: AdminSettings, application: web.Application) -> AsyncIterator[int]:
    """Serve *application* where *settings* say, and yield its port."""
    entrance = None if settings.tls is None else admin_entrance(settings.tls)
    if entrance is None and not is_loopback(settings.host):
        log.warning("admin_not_encrypted", host=settings.host)
    async with AsyncExitStack() as stack:
        serving = serve_admin(application, settings.host, settings.port, entrance, settings)
        try:
            port = await stack.enter_async_context(serving)
        except OSError as error:
            raise cannot_bind("admin", settings.host, settings.port, error) from None
        yield port


@dataclass(frozen=True, slots=True)
class Routing:
    """What the routes of the configuration are made of."""

    config: Config
    destinations: Mapping[str, Destination]
    metrics: Metrics
    spool: Spool | None
    audit: Audit

    def router(self, name: str, meter: ListenerMetrics) -> Router:
        """Return the routes that read from the listener *name*, in the order of the configuration."""
        settings = self.config.listeners[name]
        return Router(
            [
                Route(
                    {fact: [wanted] if isinstance(wanted, str) else wanted for fact, wanted in each.when.items()},
                    self._commit(settings, each, meter) if settings.acknowledge == "commit" else self._relay(each),
                )
                for each in self.config.routes
                if each.listener == name
            ]
        )

    def _relay(self, route: RouteSettings) -> Delivery:
        (name,) = route.destinations
        backoff = Backoff(attempts=route.attempts)
        return Delivery(self.destinations[name], route.within, backoff, self.metrics.destination(name))

    def _commit(self, settings: ListenerKind, route: RouteSettings, meter: ListenerMetrics) -> Commit:
        assert self.spool is not None  # noqa: S101  it is open because a listener commits
        key_of = partial(order_key, order_by=settings.order_by, patient_of=_patient_of)
        return Commit(self.spool, route.destinations, key_of, settings.duplicate_window, meter.committed)


def _patient_of(message: Message) -> str | None:
    return patient_id(message.body.data) if isinstance(message.body, WholeBody) else None


def _audit(config: Config, metrics: Metrics) -> AbstractAsyncContextManager[Audit]:
    listeners = config.listeners.values()
    titles = [each.ae_title for each in listeners if isinstance(each, DimseListenerSettings)]
    return open_audit(config.audit, metrics, _subject_of, titles)


def _subject_of(message: Message, beginning: bytes) -> Subject:
    if message.facts["protocol"] == "mllp":
        return subject_of_hl7(beginning, message.charset)
    return subject_of_instance(beginning, message.facts.get("transfer_syntax_uid", ""))


async def _bind_all(
    routing: Routing, limits: ProcessLimits, sockets: Mapping[str, Sequence[socket.socket]]
) -> dict[str, Listener]:
    """Bind every listener, or none: what is bound already is let go when a later one fails."""
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
    entrance = listener_entrance(name, settings, routing.metrics, watched, limits)
    if entrance is None and not is_loopback(settings.host):
        log.warning("listener_not_encrypted", listener=name, host=settings.host)
    listener: Listener
    try:
        sockets = sockets or sockets_of_both(settings.host, settings.port)
        if isinstance(settings, MllpListenerSettings):
            listener = await mllp.bind(
                name, settings, deliver, watched, sockets=sockets, entrance=entrance, limits=limits
            )
        else:
            listener = await dimse.bind(
                name, settings, deliver, watched, sockets=sockets, entrance=entrance, limits=limits
            )
    except OSError as error:
        raise cannot_bind(f"listeners.{name}", settings.host, settings.port, error) from None
    log.info("listener_bound", listener=name, host=settings.host, port=listener.port)
    return listener


async def send_hl7(address: Address, paths: Iterable[Path]) -> AsyncIterator[Answered]:
    """Send the messages in the files over one connection; yield each answer; stop where there is none."""
    try:
        async with MllpSender(address.host, address.port) as sender:
            for path in paths:
                for payload in messages_in(await asyncio.to_thread(path.read_bytes)):
                    reply = await sender.send(payload)
                    answer = "none" if reply is None else answer_code(reply)
                    positive = reply is None or answer in {"AA", "CA"}  # it asked for none
                    yield Answered(str(path), _control_id(payload), answer, positive=positive)
    except OSError as error:
        yield Answered(error.filename or f"{address.host}:{address.port}", "-", _why(error), positive=False)


def _control_id(payload: bytes) -> str:
    header = Header.parse(payload)
    return header.field(10).decode("ascii", "replace") if header else "-"


def _why(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else error.strerror or "closed without an answer"


async def send_dicom(address: Address, paths: Iterable[Path]) -> AsyncIterator[Answered]:
    """Send the instances in the files and folders; yield each status."""
    async for result in storage_scu.send(paths, address.ae_title, address.host, address.port):
        positive = result.is_left_out or result.status in {"0000", "B000", "B006", "B007"}
        yield Answered(str(result.path), result.sop_instance_uid or "-", result.status or result.reason, positive)


async def echo_dicom(address: Address) -> AsyncIterator[Answered]:
    """Send a C-ECHO; yield its status."""
    result = await storage_scu.echo(address.ae_title, address.host, address.port)
    yield Answered(
        f"{address.ae_title}@{address.host}:{address.port}",
        "C-ECHO",
        result.status or result.reason,
        result.status == "0000",
    )
