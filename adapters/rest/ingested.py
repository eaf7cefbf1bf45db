"""The names of messages that Hilum has ingested into a store from which a listener reads: they come back from there.

Destination and listener may be in different processes; they share a file. The UID of an instance is known before it is
sent, and is on the disk by then: the store may tell of it long before it answers, or without an answer. The name of an
HL7v2 message is known only from the store's answer, and is on the disk a moment after that. Until then, and where no
answer comes, the message's label says the same.
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
        self._lock = asyncio.Lock()
        """The file's connection is used by one thread at a time."""

    def add(self, name: str) -> None:
        """Remember *name*; it is written soon."""
        self._new.add(name)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_soon())

    async def expect(self, names: Collection[str]) -> set[str]:
        """Remember *names* before they are sent: on the disk when this returns. Return those that were not known."""
        fresh = set(names) - self._new
        self._new |= fresh
        try:
            async with self._lock:
                fresh -= await asyncio.to_thread(self._expect, list(names))
        except (OSError, sqlite3.Error) as error:
            log.error("ledger_failed", path=str(self._path), error=type(error).__name__)
            return fresh
        self._new -= fresh
        return fresh

    async def forget(self, names: Collection[str]) -> None:
        """Forget *names* that the store has refused."""
        self._new.difference_update(names)
        try:
            async with self._lock:
                await asyncio.to_thread(lambda: self._open().remove(names))
        except (OSError, sqlite3.Error) as error:
            log.error("ledger_failed", path=str(self._path), error=type(error).__name__)

    async def known(self, names: Collection[str]) -> set[str]:
        """Return those of *names* that Hilum has ingested. What cannot be read is not known."""
        try:
            async with self._lock:
                return set(names) & self._new | await asyncio.to_thread(self._known, names)
        except (OSError, sqlite3.Error) as error:
            log.error("ledger_failed", path=str(self._path), error=type(error).__name__)
            return set(names) & self._new

    async def close(self) -> None:
        """Write what is not written yet, and close the file."""
        while self._flushing is not None and not self._flushing.done():
            await asyncio.wait([self._flushing])  # it begins another one if names have come meanwhile
        if self._ledger is not None:
            ledger, self._ledger = self._ledger, None
            await asyncio.to_thread(ledger.close)

    async def _flush_soon(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        names = list(self._new)
        try:
            async with self._lock:
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

    def _expect(self, names: list[str]) -> set[str]:
        known = self._known(names)
        self._write(names)
        return known

    def _known(self, names: Collection[str]) -> set[str]:
        return self._open().known(names)

    def _open(self) -> NameLedger:
        if self._ledger is None:
            self._ledger = NameLedger(self._path)
        return self._ledger
