"""The composition root: builds, starts, drains and stops a gateway. Destinations start first and stop last."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

import structlog

from gateway.admin.access import access_by, access_of
from gateway.admin.server import Readiness, add_spool_api, build_admin, serving_admin
from gateway.audit.opening import Audit, open_audit
from gateway.config.destinations import destinations_of
from gateway.config.loading import Config
from gateway.config.origin import Origin
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.destination import Destination
from gateway.contract.journal import Passages
from gateway.contract.kind import Format, Tools
from gateway.contract.listener import Drained
from gateway.contract.listening import drain
from gateway.contract.message import Message, Subject
from gateway.flow.availability import Availability
from gateway.flow.binding import bind_all, fetch_all
from gateway.flow.decisions import RecordedOperations
from gateway.flow.routes import Routing
from gateway.flow.spooling import open_commit_mode
from gateway.flow.steps import open_steps, stepped
from gateway.flow.supervised import supervise
from gateway.flow.tools import tools_of
from gateway.journal.opening import JournalPlan, open_journal
from gateway.journal.writer import Journal
from gateway.kinds import KINDS
from gateway.limits.descriptors import Descriptors, reserve
from gateway.limits.shared import ProcessLimits
from gateway.observing.associations import Associations
from gateway.observing.certificates import Certificates
from gateway.observing.collect import Collector
from gateway.observing.destination_record import DestinationRecord
from gateway.observing.losses import Losses
from gateway.observing.peers import Peers
from gateway.observing.probing import Prober
from gateway.screen.background import in_background
from gateway.screen.case_watch import watching_cases
from gateway.screen.everything import add_screen
from gateway.screen.explain_api import add_associations_api, add_explain_api, explainer_of
from gateway.screen.import_counts import count_imports
from gateway.screen.pipeline_progress import read_noted
from gateway.screen.site import certificate_files, site_of
from gateway.screen.status_api import add_observed_api
from gateway.screen.status_source import StatusSource
from gateway.silence.feed import ProcessSeen
from gateway.silence.store import Store
from gateway.silence.watch import SilenceWatch
from gateway.spool import Spool
from gateway.spool.inheritance import Inheritance
from gateway.telemetry.log import dropped_lines, keep_identifiers
from gateway.telemetry.metrics import Metrics

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


@dataclass(frozen=True, slots=True)
class Shown:
    """What operators see beside the spool."""

    collector: Collector
    origin: Origin | None


ALONE = Assignment()


async def run(
    config: Config,
    stop: asyncio.Event,
    started: Callable[[Running], None] = lambda _: None,
    assignment: Assignment = ALONE,
    inheritance: Inheritance | None = None,
    origin: Origin | None = None,
) -> int:
    """Serve until *stop* is set; return how many peers were cut off after the drain.

    *started* is called once every listener is bound. *origin* is where *config* comes from, for operators. Raises
    ConfigError if a port cannot be bound or a file of the configuration is not valid.
    """
    metrics, peers, certificates = Metrics(), Peers(), Certificates(certificate_files(config))
    metrics.tell_notice, metrics.tell_opened, metrics.tell_closed = peers.notice, peers.opened, peers.closed
    async with AsyncExitStack() as downstream:
        audit = await downstream.enter_async_context(_audit(config, metrics))
        passages: Passages = {}
        journal = await downstream.enter_async_context(_journal(config, assignment, passages, metrics, peers))
        losses: dict[str, Callable[[], int]] = {"log": dropped_lines, "journal": lambda: journal.dropped}
        steps = await downstream.enter_async_context(open_steps(config.steps, metrics, config.domains))
        acknowledgements = Acknowledgements()
        tools = tools_of(config.data_dir, config.read_stores, metrics, acknowledgements, config.buckets)
        destinations, availability = await _open_destinations(config, tools, audit, metrics, downstream)
        readiness = Readiness(destinations)
        successor = inheritance or Inheritance()
        spooled = {name: stepped(each, steps, config.destinations[name].via) for name, each in destinations.items()}
        spool = await downstream.enter_async_context(
            open_commit_mode(config, spooled, metrics, assignment.number, successor, readiness.trouble, availability)
        )
        collector = Collector(
            readiness, availability, spool, peers.seen, certificates=certificates.seen, losses=Losses(losses)
        )
        if assignment.admin_token is None:  # else the supervisor judges, over all workers
            silence = await downstream.enter_async_context(_silence(config, collector, metrics))
            collector.silence = silence.seen
        admin_port = await downstream.enter_async_context(
            _admin(config, assignment, readiness, metrics, _recorded(spool, journal), audit, Shown(collector, origin))
        )
        limits = ProcessLimits(config.max_in_flight_bytes, Descriptors(reserve(config)))
        metrics.in_flight(lambda: limits.in_flight_octets)
        routing = Routing(config, destinations, metrics, spool, audit, steps, availability, acknowledgements, passages)
        listeners = await bind_all(routing, limits, assignment.sockets)
        keep_going = partial(_keep_going, readiness, metrics)
        prober = Prober(destinations, {name: each.record for name, each in availability.items()})
        await downstream.enter_async_context(in_background(keep_going("prober", prober.run)))
        sources = await fetch_all(routing, replace(tools, keep_going=keep_going))
        taking = [*sources.values(), *listeners.values()]
        readiness.bound(listeners)
        audit.started()
        running = Running({name: each.port for name, each in listeners.items()}, admin_port)
        log.info("gateway_started", ports=running.ports, admin_port=admin_port)
        await _until(stop, partial(started, running), taking)
        readiness.draining()
        if spool is not None:
            spool.stop_adopting()
        cut_off = await drain(taking, config.drain_seconds)
    log.info("gateway_stopped", cut_off=cut_off)
    return cut_off


async def _until(stop: asyncio.Event, started: Callable[[], None], taking: Sequence[Drained]) -> None:
    """Tell that all is open, and wait for the end; whatever ends the waiting before cuts every peer off."""
    try:
        started()
        await stop.wait()
    except BaseException:
        await drain(taking, 0)
        raise


async def _keep_going(readiness: Readiness, metrics: Metrics, name: str, run: Callable[[], Awaitable[None]]) -> None:
    await supervise(name, run, readiness.trouble, metrics.task_restarts.labels(name).inc)


async def _open_destinations(
    config: Config, tools: Tools, audit: Audit, metrics: Metrics, stack: AsyncExitStack
) -> tuple[dict[str, Destination], dict[str, Availability]]:
    """Open the destinations, each with the record of what operators see of it."""
    destinations: dict[str, Destination] = {}
    availability: dict[str, Availability] = {}
    for name, each in config.destinations.items():
        kind = KINDS.destinations[each.kind]
        store = await stack.enter_async_context(kind.open(name, each, tools))
        record = DestinationRecord(each.kind, store.address, store)
        availability[name] = Availability(name, metrics.destination(name), record=record)
        destinations[name] = audit.destination(store, store.address, partial(_subject_of, takes=kind.takes))
    return destinations, availability


def _recorded(spool: Spool | None, journal: Journal) -> Spool | None:
    """Return *spool* such that the journal is told what operators decide."""
    return None if spool is None else cast("Spool", RecordedOperations(spool, journal.record))


@asynccontextmanager
async def _journal(
    config: Config, assignment: Assignment, passages: Passages, metrics: Metrics, peers: Peers
) -> AsyncIterator[Journal]:
    """Open the journal: listeners and destinations tell it, and what it learns of peers is counted."""
    may_make = "data_dir" in config.model_fields_set
    plan = JournalPlan(config.journal, config.data_dir, config.keyed_listeners, may_make, assignment.number)
    async with open_journal(plan, passages) as journal:
        keep_identifiers(plan.keyed, journal.kept)
        metrics.record = journal.record
        metrics.journal(lambda: journal.dropped)
        journal.subscribe(peers.rows)
        yield journal


def _silence(config: Config, collector: Collector, metrics: Metrics) -> SilenceWatch:
    async def ask() -> list[ProcessSeen]:
        return [ProcessSeen(collector.started_at, collector.peers())]

    store = Store(config.data_dir, config.listeners, may_make="data_dir" in config.model_fields_set)
    return SilenceWatch(config.silence, config.silence_by_hand, store, ask, metrics.silence.show)


@asynccontextmanager
async def _admin(
    config: Config,
    assignment: Assignment,
    readiness: Readiness,
    metrics: Metrics,
    spool: Spool | None,
    audit: Audit,
    shown: Shown,
) -> AsyncIterator[int]:
    access = access_by(token) if (token := assignment.admin_token) else access_of(config.admin, config.data_dir)
    application = build_admin(readiness, metrics, spool, access)
    if spool is not None:
        keyed = config.keyed_listeners
        add_spool_api(application, spool, destinations_of(config), config.listeners, audit.acted, keyed)
    associations = Associations()
    metrics.keep_association = associations.add
    metrics.imports(partial(count_imports, config.data_dir))
    if config.pipeline is not None:
        tables = config.pipeline.tables
        metrics.pipeline(lambda: read_noted(tables).progress)
    async with AsyncExitStack() as stack:
        if assignment.admin_token is not None:  # a worker: the supervisor shows the status of all
            add_observed_api(application, shown.collector.observed)
            add_associations_api(application, associations.of)
        else:
            source = StatusSource(shown.collector.observed, site_of(config))
            add_screen(application, source, access, config, tell=audit.acted, spool=spool, origin=shown.origin)
            add_explain_api(application, explainer_of(config, source, associations.asked))
            await stack.enter_async_context(watching_cases(source, metrics.cases()))
        yield await stack.enter_async_context(serving_admin(config.admin, application))


def _audit(config: Config, metrics: Metrics) -> AbstractAsyncContextManager[Audit]:
    titles = [KINDS.listeners[each.kind].title_of(each) for each in config.listeners.values()]
    return open_audit(config.audit, metrics, _subject_of, [each for each in titles if each is not None])


def _subject_of(message: Message, beginning: bytes, takes: frozenset[Format] | None = None) -> Subject:
    """Return the patient of a message; *takes* are the formats of the destination that it is sent to."""
    kind = KINDS.listeners.get(message.facts["protocol"])
    if kind is not None and takes is not None and kind.gives not in takes:  # a step has converted it
        kind = next((each for each in KINDS.listeners.values() if each.gives in takes), None)
    return Subject() if kind is None else kind.subject_of(message, beginning)
