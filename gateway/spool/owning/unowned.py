"""Counts what waits in the spools that no process has open: acknowledged messages that nobody delivers yet."""

import asyncio
from contextlib import closing
from pathlib import Path

from gateway.contract.errors import ConfigError
from gateway.spool.combined_operations import add_up
from gateway.spool.damage import ERRORS
from gateway.spool.database.connections import DATABASE, READER_CACHE_KIB
from gateway.spool.database.counting import totals_of
from gateway.spool.database.schema import connect
from gateway.spool.folders import Lock, folders_without_owner, take_watch
from gateway.spool.interface import Total


class Unowned:
    """The counter. Only one process counts at a time: the one that holds the lock for it."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._watch: Lock | None = None
        self._stopped = False
        self._opening: Path | None = None
        """The spool that this process has locked but not opened yet: no other process counts it."""

    def note_opening(self, path: Path) -> None:
        """Count the spool at *path* until it is open. May be called in any thread."""
        self._opening = path

    def note_opened(self) -> None:
        """Stop counting that spool: it is open, or its lock has been released."""
        self._opening = None

    def stop(self) -> None:
        """Leave the counting to other processes."""
        self._stopped = True
        if self._watch is not None:
            self._watch.release()
            self._watch = None

    async def totals(self) -> list[Total]:
        """Return what waits in spools that no process has open; nothing while another process counts it."""
        if not self._stopped and self._watch is None:
            self._watch = take_watch(self._data_dir)
        if self._watch is None and self._opening is None:
            return []
        return await asyncio.to_thread(self._totals, self._watch is not None)

    def _totals(self, all_unowned: bool) -> list[Total]:
        unowned = folders_without_owner(self._data_dir) if all_unowned else []
        opening = self._opening  # read after the list: a spool that was locked meanwhile is noted here
        return add_up(_totals_of(path) for path in {*unowned, *([] if opening is None else [opening])})


def _totals_of(folder: Path) -> list[Total]:
    try:
        with closing(connect(folder / DATABASE, READER_CACHE_KIB)) as connection:
            return totals_of(connection, folder)
    except (*ERRORS, OSError, ConfigError, KeyError, TypeError):  # removed meanwhile, or damaged: it will be set aside
        return []
