"""Judges the silence of all peers of a gateway, in one of its processes, and tells when a silence begins and ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import structlog

from gateway.contract.observed import SilenceSeen
from gateway.silence.calendar import Calendar
from gateway.silence.feed import Feed, ProcessSeen
from gateway.silence.judge import Judge
from gateway.silence.keeper import Keeper
from gateway.silence.roster import Change, Roster
from gateway.silence.settings import SilenceSettings
from gateway.silence.store import Store
from gateway.telemetry.faults import report

log = structlog.get_logger()

TICK_SECONDS = 60.0
SAVE_SECONDS = 3600.0
LEAST_TICK_SECONDS = 0.5

Ask = Callable[[], Awaitable[Iterable[ProcessSeen]]]
"""Returns what each process that answers observes of its peers."""
Show = Callable[[Mapping[str, int]], None]
"""Takes how many peers are in each state, for the metric."""


class SilenceWatch:
    """Entered and left by the process that judges for the gateway."""

    def __init__(
        self,
        settings: SilenceSettings,
        by_hand: Mapping[str, float],
        store: Store,
        ask: Ask,
        show: Show,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._roster = Roster(Judge(Calendar(settings), by_hand), learns=settings.learn)
        self._feed = Feed(self._roster.heard)
        self._keeper = Keeper(store, self._roster)
        self._ask, self._show, self._now = ask, show, now
        shortest = min(by_hand.values(), default=TICK_SECONDS)
        self._tick_seconds = max(min(TICK_SECONDS, shortest / 4), LEAST_TICK_SECONDS)
        self._task: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        await self._keeper.load()
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._keeper.save()

    def seen(self) -> list[SilenceSeen]:
        """Return how each peer is judged, those that are silent first."""
        return self._roster.seen()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        save_at = loop.time() + SAVE_SECONDS
        while True:
            try:
                await self.look()
                if loop.time() >= save_at:
                    save_at = loop.time() + SAVE_SECONDS
                    await self._keeper.save()
            except Exception as error:  # noqa: BLE001  if this task ended, no silence would be noticed any more
                report(error, "silence")
            await asyncio.sleep(self._tick_seconds)

    async def look(self) -> None:
        """Ask the processes, judge the peers, and tell what has changed. If no process answers, nobody is judged."""
        processes = list(await self._ask())
        if not processes:
            return
        for process in processes:
            self._feed.take(process)
        for change in self._roster.tick(self._now()):
            _tell(change)
        self._show(self._roster.counts())


def _tell(change: Change) -> None:
    peer, listener = change.key
    last = datetime.fromtimestamp(change.since, UTC).isoformat(timespec="seconds")
    if change.what == "silent":
        usual = None if change.usual is None else round(change.usual, 1)
        log.warning("peer_silent", peer_name=peer, listener=listener, last_message=last, usual_per_hour=usual)
    else:
        log.info("peer_heard_again", peer_name=peer, listener=listener, last_message=last, ending=change.what)
