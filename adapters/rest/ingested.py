"""The names of messages that Hilum has ingested into a store from which a listener reads: they come back from there.

Destination and listener may be in different processes; they share a file. A name is on the disk a moment after the
store has named it, and a listener waits longer than that before it delivers a message. Who is killed in this moment
leaves the message's label, which says the same.
"""

import asyncio
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path

import structlog

from adapters.rest.name_ledger import NameLedger, ledger_path

FOLDER = "ingested"
FLUSH_SECONDS = 0.1
KEPT_SECONDS = 8 * 86400
"""Pub/Sub keeps a notification for 7 days, unless it is asked to keep it for longer."""

log = structlog.get_logger()


class IngestedNames:
    """The names of one store."""

    def __init__(self, data_dir: Path, store: str) -> None:
        self._path = ledger_path(data_dir, FOLDER, store)
        self._ledger: NameLedger | None = None
        self._new: set[str] = set()
        self._flushing: asyncio.Task[None] | None = None

    def add(self, name: str) -> None:
        """Remember *name*; it is written soon."""
        self._new.add(name)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_soon())

    async def known(self, names: Collection[str]) -> set[str]:
        """Return those of *names* that Hilum has ingested. What cannot be read is not known."""
        try:
            return set(names) & self._new | await asyncio.to_thread(self._known, names)
        except (OSError, sqlite3.Error) as error:
            log.error("ledger_failed", path=str(self._path), error=type(error).__name__)
            return set(names) & self._new

    async def close(self) -> None:
        """Write what is not written yet, and close the file."""
        if self._flushing is not None:
            await asyncio.wait([self._flushing])
        if self._ledger is not None:
            ledger, self._ledger = self._ledger, None
            await asyncio.to_thread(ledger.close)

    async def _flush_soon(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        names = list(self._new)
        try:
            await asyncio.to_thread(self._write, names)
        except (OSError, sqlite3.Error) as error:
            log.error("ledger_failed", path=str(self._path), error=type(error).__name__)
            return
        self._new.difference_update(names)
        if self._new:
            self._flushing = asyncio.create_task(self._flush_soon())

    def _write(self, names: list[str]) -> None:
        now = int(time.time())
        self._open().add([(name, now) for name in names], forget_before=now - KEPT_SECONDS)

    def _known(self, names: Collection[str]) -> set[str]:
        return self._open().known(names)

    def _open(self) -> NameLedger:
        if self._ledger is None:
            self._ledger = NameLedger(self._path)
        return self._ledger
