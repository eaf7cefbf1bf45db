"""``hilum pipeline CONFIG run --watch``: one run after another, until a signal."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from gateway.config.parts import PipelinePart
from gateway.contract.acknowledgements import Acknowledgements
from gateway.contract.pipeline import Notified, RunFacts
from gateway.flow.tools import tools_of
from gateway.kinds import OPEN_NOTIFICATIONS
from gateway.telemetry.metrics import Metrics

PLACE = "pipeline.notifications"


class NothingTold:
    """What there is without notifications: nobody tells of a change."""

    def begin(self) -> Callable[[], None]:
        """Begin to look; there is nothing to acknowledge afterwards."""
        return lambda: None

    async def changed(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()


@asynccontextmanager
async def notified(config: PipelinePart) -> AsyncIterator[Notified]:
    """Open what tells of changes in the buckets; raises ConfigError if a file in its settings cannot be used."""
    settings = config.pipeline.notifications
    if settings is None:
        yield NothingTold()
        return
    metrics = Metrics()
    tools = tools_of(config.data_dir, frozenset(), metrics, Acknowledgements(), config.buckets)
    async with OPEN_NOTIFICATIONS(settings, tools, metrics.sources.of(PLACE)) as told:
        yield told


async def watch(run: Callable[[], Awaitable[RunFacts]], stop: asyncio.Event, seconds: float, told: Notified) -> None:
    """Run again and again until *stop*: after so many seconds, or when it is told of a change.

    What has told of one before a run begins is acknowledged when that run has ended well, so that it comes again if
    the process is killed, or a bucket could not be listed.
    """
    while not stop.is_set():
        ended_well = told.begin()
        if (await run()).is_good:
            ended_well()
        await _first(stop.wait(), told.changed(), seconds)


async def _first(stopped: Awaitable[object], changed: Awaitable[object], seconds: float) -> None:
    """Wait for the first of the two, at most so long; raises what has ended it."""
    waiting = [asyncio.ensure_future(stopped), asyncio.ensure_future(changed)]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
    for each in done:
        each.result()
