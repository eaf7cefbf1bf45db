"""Opens spools: for the process that commits and delivers, or for an operator beside it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence, Set
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import structlog

from gateway.contract.body import Body
from gateway.contract.errors import ConfigError
from gateway.spool.clock import Clock
from gateway.spool.combined_operations import CombinedOperations
from gateway.spool.database.store import open_store
from gateway.spool.folders import WorkerIndex, existing_folders
from gateway.spool.inheritance import Inheritance
from gateway.spool.interface import Moved, Page, Record, Selection, Spool, SpoolDamaged, SpoolError, Total
from gateway.spool.interface import Operations as OperationsInterface
from gateway.spool.lifecycle import SpoolLifecycle
from gateway.spool.operations import Operations
from gateway.spool.owning.catching_up import catch_up
from gateway.spool.payloads.key_file import load_seal
from gateway.spool.payloads.seal import Seal
from gateway.spool.settings import SpoolSettings

log = structlog.get_logger()
T = TypeVar("T")
ALONE = WorkerIndex()
KEY_SETTING = "spool.key_file"
"""How a reason begins that says that the key does not fit."""


@asynccontextmanager
async def open_spool(
    data_dir: Path,
    settings: SpoolSettings,
    worker_index: WorkerIndex = ALONE,
    clock: Clock = time.time,
    trouble: Callable[[str | None], None] = lambda _: None,
    inheritance: Inheritance | None = None,
) -> AsyncIterator[Spool]:
    """Open the spool of this process, which is that of *worker_index*; raises ConfigError if it cannot be used.

    What an earlier process had under way is handed out again. Spools of workers that no longer exist are adopted, now
    or later; a damaged spool is set aside. *trouble* is called with what keeps this process from committing, and with
    None when that is over. *inheritance* says which other workers' spools may be adopted.
    """
    seal = load_seal(settings.key_file)
    lifecycle = SpoolLifecycle(data_dir, settings, seal, clock, worker_index, trouble, inheritance or Inheritance())
    try:
        await lifecycle.open_first()
        watching = asyncio.create_task(lifecycle.watch())
        try:
            yield lifecycle.spool
        finally:
            watching.cancel()
            await asyncio.wait([watching])
    finally:
        await lifecycle.close()


@asynccontextmanager
async def open_for_operator(
    data_dir: Path, settings: SpoolSettings, clock: Clock = time.time, *, leave_out: bool = False
) -> AsyncIterator[OperationsInterface]:
    """Open all spools beside the processes that own them, if any; the owners notice what is decided here.

    With *leave_out* a spool that cannot be opened now is left out until it can be; a wrong key is still an error.
    """
    spools = OperatorSpools(data_dir, settings, load_seal(settings.key_file), clock, leave_out=leave_out)
    try:
        await spools.refresh()
        yield spools
    finally:
        await spools.close()


class OperatorSpools(CombinedOperations):
    """All spools there are at the moment, each opened when it is first seen; damaged ones are left out."""

    def __init__(
        self, data_dir: Path, settings: SpoolSettings, seal: Seal, clock: Clock, *, leave_out: bool = False
    ) -> None:
        super().__init__({}, data_dir)
        self._leave_out = leave_out
        self._left_out: set[str] = set()
        """Those that could not be opened at the last try."""
        self._settings, self._seal, self._clock = settings, seal, clock
        self._stacks: dict[str, AsyncExitStack] = {}
        self._damaged: set[str] = set()
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Open the spools that are new, close those that were removed."""
        async with self._turn:
            folders = {path.name: path for path in existing_folders(self._data_dir)}
            await asyncio.to_thread(catch_up, folders.values())
            for name in self._stacks.keys() - folders.keys():
                del self._spools[name]
                await self._stacks.pop(name).aclose()
            for name in folders.keys() - self._stacks.keys() - self._damaged:
                await self._open(name, folders[name])

    async def close(self) -> None:
        """Close all of them."""
        for stack in self._stacks.values():
            await stack.aclose()

    async def totals(self) -> list[Total]:
        """Return the sums by destination and state."""
        return await self._fresh(super().totals)

    async def totals_by_reason(self, selection: Selection) -> list[Total]:
        """Return the sums by destination, state and reason of what is selected and waits or is parked."""
        totals = super().totals_by_reason
        return await self._fresh(lambda: totals(selection))

    async def find(
        self, selection: Selection, after: str | None = None, limit: int = 100, *, newest: bool = False
    ) -> Page:
        """Return the records that match, as the interface says; an unknown *after* begins at the start."""
        find = super().find
        return await self._fresh(lambda: find(selection, after, limit, newest=newest))

    async def get(self, entry_id: str) -> Record | None:
        """Return one record, or None if there is no such entry."""
        get = super().get
        return await self._fresh(lambda: get(entry_id))

    async def open_body(self, entry_id: str) -> Body | None:
        """Return an entry's payload, or None once it is gone."""
        open_body = super().open_body
        return await self._fresh(lambda: open_body(entry_id))

    async def open_bodies(self, entry_ids: Sequence[str]) -> list[Body | None]:
        """Return the payload of each of several entries, None once it is gone; all are read together."""
        open_bodies = super().open_bodies
        return await self._fresh(lambda: open_bodies(entry_ids))

    async def retry(self, selection: Selection) -> int:
        """Make parked entries wait again, end the pause of waiting ones; return how many."""
        retry = super().retry
        return await self._fresh(lambda: retry(selection))

    async def discard(self, selection: Selection, reason: str, by: str | None = None) -> int:
        """Give up parked and waiting entries for good; return how many. *reason* and who did it are recorded."""
        discard = super().discard
        return await self._fresh(lambda: discard(selection, reason, by))

    async def move(self, selection: Selection, to: str, protocols: Set[str]) -> Moved:
        """Give parked and waiting entries to another destination, beginning with the spool that has the oldest one."""
        move = super().move
        return await self._fresh(lambda: move(selection, to, protocols))

    async def _fresh(self, ask: Callable[[], Awaitable[T]]) -> T:
        try:
            await self.refresh()
        except ConfigError as error:  # there is a new spool that does not fit this key or this Hilum
            raise SpoolError(str(error)) from None
        return await ask()

    async def _open(self, name: str, folder: Path) -> None:
        stack = AsyncExitStack()
        try:
            opening = open_store(folder, self._settings, self._seal, self._clock, owner=False)
            store = await stack.enter_async_context(opening)
        except SpoolDamaged as error:
            self._damaged.add(name)
            log.warning("spool_left_out", spool=name, reason=str(error))
            return
        except ConfigError as error:
            if folder in existing_folders(self._data_dir):  # else its owner has just removed it because it was empty
                self._cannot_open(name, error)
            return
        self._left_out.discard(name)
        self._stacks[name], self._spools[name] = stack, Operations(store)

    def _cannot_open(self, name: str, error: ConfigError) -> None:
        """Leave a spool out until it can be opened: one of an older Hilum that its owner still empties, for example."""
        if not self._leave_out or str(error).startswith(KEY_SETTING):
            raise error
        if name not in self._left_out:
            log.warning("spool_left_out", spool=name, reason=str(error))
        self._left_out.add(name)
