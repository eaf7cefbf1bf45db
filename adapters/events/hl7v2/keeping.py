"""Writes to the disk what has been passed on, and asks it. While the record cannot be used, nothing goes on."""

from collections.abc import Callable, Collection
from itertools import count
from typing import Protocol

import structlog

from adapters.events.hl7v2.feed import Entry, Feed
from adapters.events.hl7v2.record import RecordError
from adapters.events.instants import SECOND
from adapters.events.pauses import is_told, pause_after
from adapters.events.stopping import Stopping

MOST_UNKEPT = 50
"""In commit mode the record is written once for so many messages: the spool recognises them if they come again."""
CEILING = 60.0
KEPT_SECONDS = 8 * 86400
"""For how long names are on the disk. Pub/Sub keeps a notification for 7 days, unless it is asked to for longer."""

log = structlog.get_logger()


class Kept(Protocol):
    """The record, as the keeper sees it."""

    async def keep(self, entries: Collection[Entry], watermark: int, forget_before: int) -> None:
        """Write what has been passed on; raises RecordError."""

    async def known(self, names: Collection[str]) -> Collection[str]:
        """Return those of *names* that have been passed on; raises RecordError."""


class Keeper:
    """Keeps the record of one *feed*. Only what is written there is *settled*: its notifications are acknowledged."""

    def __init__(
        self, listener: str, record: Kept, feed: Feed, settled: Callable[[Collection[str]], None], stop: Stopping
    ) -> None:
        self._listener, self._record, self._feed = listener, record, feed
        self._settled, self._stop = settled, stop
        self._unkept: list[Entry] = []

    def is_unkept(self, name: str) -> bool:
        """Whether a message is passed on, and this is not written yet."""
        return any(each.name == name for each in self._unkept)

    async def add(self, entry: Entry, *, at_once: bool) -> None:
        """Note that a message is passed on; it is written *at_once*, or together with others."""
        self._unkept.append(entry)
        if at_once or len(self._unkept) >= MOST_UNKEPT:
            await self.keep()

    async def keep(self) -> None:
        """Write the record; nothing is acknowledged and nothing more is delivered before that has succeeded."""
        for attempt in count(1):
            if not self._unkept:
                return
            forget_before = self._feed.since(KEPT_SECONDS * SECOND)
            try:
                await self._record.keep(self._unkept, self._feed.watermark, forget_before)
            except RecordError as error:
                if self._stop.is_set or await self._pause(error, attempt):
                    return
                continue
            kept, self._unkept = self._unkept, []
            self._settled([each.name for each in kept])

    async def known(self, names: Collection[str]) -> set[str]:
        """Return those of *names* that have been passed on, as the record says; if it cannot be read, it waits."""
        for attempt in count(1):
            try:
                return set(await self._record.known(names))
            except RecordError as error:
                if await self._pause(error, attempt):
                    break
        return set()

    async def _pause(self, error: RecordError, attempt: int) -> bool:
        """Tell that the record cannot be used, and wait; return whether the listener is to stop."""
        pause = pause_after(attempt, CEILING)
        if is_told(attempt):
            log.error(
                "source_record_failed",
                listener=self._listener,
                reason=str(error),
                times=attempt,
                again_in=round(pause, 3),
            )
        return await self._stop.within(pause)
