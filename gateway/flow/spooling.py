"""Runs commit mode behind the routes: the spool, a dispatcher for each destination, the purge of old records."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import structlog

from gateway.config.loading import Config
from gateway.contract.destination import BatchDestination, Destination
from gateway.contract.settings import DeliverySettings
from gateway.flow.availability import Availability
from gateway.flow.batching import Batch
from gateway.flow.dispatch import Dispatcher
from gateway.flow.retry import Backoff
from gateway.flow.settlement import RetryPolicy
from gateway.flow.space import SpaceWatch
from gateway.flow.supervised import Trouble, supervise
from gateway.spool.folders import WorkerIndex, existing_folders, folders_set_aside
from gateway.spool.inheritance import Inheritance
from gateway.spool.interface import Spool, SpoolError, State
from gateway.spool.opening import open_spool
from gateway.spool.operating.destinations import MEND, waiting_for_nobody
from gateway.telemetry.metrics import Metrics

log = structlog.get_logger()

PURGE_SECONDS = 600.0
NOT_SHARED: Mapping[str, Availability] = {}
"""With this default, each dispatcher has an Availability of its own."""


@asynccontextmanager
async def dispatching(
    spool: Spool,
    destinations: Mapping[str, Destination | BatchDestination],
    settings: Mapping[str, DeliverySettings],
    metrics: Metrics,
    grace: float,
    trouble: Trouble = lambda _, __: None,
    availability: Mapping[str, Availability] = NOT_SHARED,
) -> AsyncIterator[None]:
    """Deliver the messages in *spool*; on exit, wait up to *grace* seconds for running deliveries.

    Messages that are not settled by then stay in the spool for the next start.

    *trouble* is called when a dispatcher ends unexpectedly, and again when it runs again.
    """
    await _warn_of_strangers(spool, destinations)
    dispatchers = [
        Dispatcher(
            spool,
            destination,
            settings[name].most_at_once,
            retry_policy_of(settings[name]),
            metrics.destination(name),
            batch=batch_of(settings[name]),
        )
        for name, destination in destinations.items()
    ]
    for dispatcher in dispatchers:
        if (shared := availability.get(dispatcher.name)) is not None:
            dispatcher.share(shared)

    def keep_going(name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        return asyncio.create_task(supervise(name, run, trouble, metrics.task_restarts.labels(name).inc))

    tasks = [keep_going(f"dispatcher {each.name}", each.run) for each in dispatchers]
    housekeeping = keep_going("housekeeping", lambda: _purge_now_and_then(spool))
    try:
        yield
    finally:
        for task in (housekeeping, *tasks):
            task.cancel()
        if tasks and (await asyncio.wait(tasks, timeout=grace))[1]:
            for dispatcher in dispatchers:
                dispatcher.cut_off()
        await asyncio.wait([housekeeping, *tasks])


def retry_policy_of(settings: DeliverySettings) -> RetryPolicy:
    """Return the retry policy of a destination."""
    limits = settings.retry_limits
    return RetryPolicy(
        settings.max_attempts,
        settings.max_age,
        "park_key" if limits.holds_key else "skip",
        Backoff(first=1.0, ceiling=limits.longest_pause),
        limits.max_doubtful,
        limits.max_own_failures,
        limits.max_unanswered,
        limits.unanswered_seconds,
        limits.doubtful_steps,
    )


def batch_of(settings: DeliverySettings) -> Batch | None:
    """Return how messages for a destination are batched; None if each is sent alone."""
    batch = getattr(settings, "batch", None)
    return Batch(batch.instances, batch.bytes, batch.wait_ms / 1000) if batch and batch.instances > 1 else None


async def _tell_what_waits(spool: Spool, data_dir: Path) -> None:
    """Log at the start how many messages of earlier processes wait for delivery, and how many are parked."""
    try:
        totals = await spool.totals()
    except SpoolError as error:
        log.error("spool_not_summed", reason=str(error))
        return
    waiting, parked = (
        {each.destination: each.count for each in totals if each.state is state and each.count}
        for state in (State.WAITING, State.PARKED)
    )
    log.info("spool_opened", path=str(data_dir), waiting=waiting, parked=parked)


async def _warn_of_strangers(spool: Spool, destinations: Mapping[str, Destination | BatchDestination]) -> None:
    """Log which messages are not delivered because their destination is not in the configuration."""
    try:
        totals = await spool.totals()
    except SpoolError as error:
        log.error("spool_not_summed", reason=str(error))
        return
    for name, count in waiting_for_nobody(totals, destinations).items():
        log.warning("spooled_destination_unknown", destination=name, messages=count, mend=MEND.format(name=name))


async def _purge_now_and_then(spool: Spool) -> None:
    while True:
        try:
            await spool.purge()
        except SpoolError as error:
            log.error("purge_failed", reason=str(error))
        await asyncio.sleep(PURGE_SECONDS)


@asynccontextmanager
async def open_commit_mode(
    config: Config,
    destinations: Mapping[str, Destination],
    metrics: Metrics,
    worker: int,
    inheritance: Inheritance,
    trouble: Trouble,
    availability: Mapping[str, Availability] = NOT_SHARED,
) -> AsyncIterator[Spool | None]:
    """Open the spool and deliver from it if a listener commits, or if an earlier configuration has left a spool."""
    commits = any(each.acknowledge == "commit" for each in config.listeners.values())
    left = existing_folders(config.data_dir) or folders_set_aside(config.data_dir)
    if not commits and not left:
        yield None
        return
    settings, grace = config.destinations, config.drain_seconds
    async with AsyncExitStack() as stack:
        worker_index = WorkerIndex(worker, config.workers)
        opening = open_spool(
            config.data_dir, config.spool, worker_index, trouble=partial(trouble, "spool"), inheritance=inheritance
        )
        spool = await stack.enter_async_context(opening)
        await _tell_what_waits(spool, config.data_dir)
        await stack.enter_async_context(
            dispatching(spool, destinations, settings, metrics, grace, trouble, availability)
        )
        if commits:
            watch = SpaceWatch(spool, config.data_dir, partial(trouble, "spool space"), metrics, config.workers)
            await stack.enter_async_context(_watching(watch, metrics, trouble))
        yield spool


@asynccontextmanager
async def _watching(watch: SpaceWatch, metrics: Metrics, trouble: Trouble) -> AsyncIterator[None]:
    """Check once before the first message can arrive, then check periodically until exit."""
    await watch.look()
    restarted = metrics.task_restarts.labels("spool watch").inc
    task = asyncio.create_task(supervise("spool watch", watch.run, trouble, restarted))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
