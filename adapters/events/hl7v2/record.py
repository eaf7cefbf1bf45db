"""What has been passed on of a store, on the disk: the watermark and the names near it.

It is written before a notification is acknowledged, so a restart neither loses a message nor overtakes one.
"""

import asyncio
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adapters.events.hl7v2.feed import Entry
from adapters.events.instants import SECOND
from adapters.rest.name_ledger import NameLedger, ledger_path
from gateway.contract.errors import ConfigError

FOLDER = "sources"
WATERMARK, FLOOR = "watermark", "floor"
CANNOT = (
    "listeners.{name}: {path}: cannot be used: {reason}; it says which messages of the store have been delivered: "
    "repair or restore it, or remove it and set `start` to the time from which messages shall be delivered"
)


class RecordError(Exception):
    """The record cannot be written now; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the feed goes on."""

    watermark: int
    passed: Mapping[str, int]
    floor: int
    """Messages created before this time are never delivered."""
    is_new: bool = field(default=False, compare=False)
    """Whether this is the first start."""


class Record:
    """The record of one listener about one store."""

    def __init__(self, data_dir: Path, name: str, store: str, near: int = 600 * SECOND) -> None:
        """Load the names of messages from *near* nanoseconds before the watermark on."""
        self._name, self._near = name, near
        self._path = ledger_path(data_dir, FOLDER, name, store)
        self._ledger: NameLedger | None = None

    async def load(self, start: int | None) -> Position | None:
        """Return where the feed goes on: at *start* if there is no record yet. Raises ConfigError if it is damaged.

        Without a record and a *start* there is no position.
        """
        try:
            return await asyncio.to_thread(self._load, start)
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else type(error).__name__
            raise ConfigError(CANNOT.format(name=self._name, path=self._path, reason=reason)) from None

    async def keep(self, entries: Collection[Entry], watermark: int, forget_before: int) -> None:
        """Write what has been passed on; raises RecordError if that is not possible now."""
        names = [(each.name, each.created) for each in entries]
        try:
            await asyncio.to_thread(self._open().add, names, {WATERMARK: watermark}, forget_before)
        except (OSError, sqlite3.Error) as error:
            raise RecordError(type(error).__name__) from None

    async def known(self, names: Collection[str]) -> Collection[str]:
        """Return those of *names* that have been passed on; raises RecordError if that cannot be read now."""
        try:
            return await asyncio.to_thread(lambda: self._open().known(names))
        except (OSError, sqlite3.Error) as error:
            raise RecordError(type(error).__name__) from None

    async def close(self) -> None:
        """Close the file."""
        if self._ledger is not None:
            ledger, self._ledger = self._ledger, None
            await asyncio.to_thread(ledger.close)

    def _open(self) -> NameLedger:
        if self._ledger is None:
            self._ledger = NameLedger(self._path)
        return self._ledger

    def _load(self, start: int | None) -> Position | None:
        ledger = self._open()
        state = ledger.state()
        is_new = WATERMARK not in state
        if is_new:
            if start is None:
                return None
            state = {WATERMARK: start, FLOOR: start}
            ledger.add((), state)
        return Position(state[WATERMARK], ledger.names(state[WATERMARK] - self._near), state.get(FLOOR, 0), is_new)
