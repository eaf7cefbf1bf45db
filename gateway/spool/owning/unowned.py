"""Counts what waits in the spools that no process has open: it was acknowledged, and nobody delivers it yet."""

import asyncio
from contextlib import closing
from pathlib import Path

from gateway.contract.errors import ConfigError
from gateway.spool.combined_operations import add_up
from gateway.spool.damage import ERRORS
from gateway.spool.database.connections import DATABASE, READER_CACHE_KIB
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.schema import connect
from gateway.spool.folders import Lock, folders_without_owner, take_watch
from gateway.spool.interface import Total
from gateway.spool.log.counting import totals_of_log


class Unowned:
    """Of all processes one counts, which holds the lock for it."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._watch: Lock | None = None
        self._stopped = False
        self._opening: Path | None = None
        """What this process has locked and not opened yet: no other process counts it."""

    def note_opening(self, path: Path) -> None:
        """Count that spool until it is open. May be called in any thread."""
        self._opening = path

    def note_opened(self) -> None:
        """Count it no more: it is open, or has been let go of."""
        self._opening = None

    def stop(self) -> None:
        """Leave the counting to others."""
        self._stopped = True
        if self._watch is not None:
            self._watch.release()
            self._watch = None

    async def totals(self) -> list[Total]:
        """Return what waits where no process has it; nothing while another process counts that."""
        if not self._stopped and self._watch is None:
            self._watch = take_watch(self._data_dir)
        if self._watch is None and self._opening is None:
            return []
        return await asyncio.to_thread(self._totals, self._watch is not None)

    def _totals(self, all_unowned: bool) -> list[Total]:
        unowned = folders_without_owner(self._data_dir) if all_unowned else []
        opening = self._opening  # after the look: what was taken meanwhile has been noted
        return add_up(_totals_of(path) for path in {*unowned, *([] if opening is None else [opening])})


def _totals_of(folder: Path) -> list[Total]:
    try:
        with closing(connect(folder / DATABASE, READER_CACHE_KIB)) as connection:
            return add_up([Queries(connection).totals(), totals_of_log(connection, folder)])
    except (*ERRORS, OSError, ConfigError, KeyError, TypeError):  # gone meanwhile, or damaged: it will be set aside
        return []
