"""The spools that one process owns: its own, and those it adopts because their owner is gone.

A spool without an owner holds messages that were acknowledged and that nobody delivers: it is looked for all the time,
counted until it is adopted, and adopted by a process that is not about to end. A spool that turns out to be damaged is
set aside, and the process takes a fresh one where it was its own.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from gateway.contract.errors import ConfigError
from gateway.spool.claims import Claims
from gateway.spool.clock import Clock
from gateway.spool.combined import NO_SPOOL, CombinedSpool, Part, add_up
from gateway.spool.commits import Commits
from gateway.spool.damage import DAMAGED, ERRORS
from gateway.spool.database.connections import DATABASE, READER_CACHE_KIB
from gateway.spool.database.queries import Queries
from gateway.spool.database.schema import connect
from gateway.spool.database.store import Store, open_store
from gateway.spool.folders import (
    Lock,
    OwnedFolder,
    Seat,
    folders_without_owner,
    new_folder,
    take_folder,
    take_folders,
    take_watch,
    worker_of,
)
from gateway.spool.inheritance import Estate, Inheritance, Numbers
from gateway.spool.interface import SpoolDamaged, SpoolError, State, Total
from gateway.spool.neighbours import Neighbours
from gateway.spool.operations import Operations
from gateway.spool.payloads.seal import Seal
from gateway.spool.settings import SpoolSettings
from gateway.spool.threads import in_thread, to_its_end

log = structlog.get_logger()

LOOK_SECONDS = 2.0
"""How often spools without an owner are looked for."""
MOST_DOUBLINGS = 5
"""How often that is doubled when looking fails."""
LEFT_FOR_SECONDS = 12.0
"""How long a spool that is no worker's is left to a worker that starts without one. Those of other workers are left to
these until the supervisor names the heir."""
AGAIN_SECONDS = 60.0
"""How long to leave alone a spool that could not be opened."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A spool that this process has open."""

    folder: OwnedFolder
    store: Store
    stack: AsyncExitStack
    worker: int | None
    """Whose it is."""


class Household:
    """Opens, adopts, sets aside and closes the parts of :attr:`spool`."""

    def __init__(
        self,
        data_dir: Path,
        settings: SpoolSettings,
        seal: Seal,
        clock: Clock,
        seat: Seat,
        trouble: Callable[[str | None], None],
        inheritance: Inheritance,
    ) -> None:
        self._data_dir, self._settings, self._seal, self._clock = data_dir, settings, seal, clock
        self._seat = seat
        self._trouble = trouble
        self._opened: dict[str, Opened] = {}
        self._watch: Lock | None = None
        self._adopting = True
        self._seen: dict[Path, float] = {}
        """Since when a spool without an owner has been seen, or when it is to be tried again."""
        self._opening: Path | None = None
        """What is just being adopted."""
        self._changed = asyncio.Event()
        self._inheritance = inheritance
        inheritance.look = self._changed.set
        self.spool = CombinedSpool(data_dir, self.unowned_totals, self.stop_adopting)

    async def open_first(self) -> None:
        """Open what a starting process takes; raises ConfigError if that cannot be used."""
        try:
            folders = take_folders(self._data_dir, self._seat)
        except OSError as error:
            raise ConfigError(_unusable(self._data_dir, error)) from None
        try:
            await self._add_those_that_open(folders)
            if not self._opened:
                await self._make_own()
        finally:
            for folder in folders:
                if folder.path.name not in self._opened:
                    folder.release()

    async def _add_those_that_open(self, folders: list[OwnedFolder]) -> None:
        """Open *folders*; one that cannot be opened is tried again later, if there is another one to commit to."""
        problems = []
        for folder in folders:
            try:
                await self._add(folder)
            except (ConfigError, SpoolError, OSError) as error:
                problems.append(error)
                self._not_adopted(folder, error)
        if problems and not self._opened:
            raise problems[0]

    def stop_adopting(self) -> None:
        """Leave the spools of others to others, and to be counted by others."""
        self._adopting = False
        self._stop_counting()

    async def close(self) -> None:
        """Close all parts."""
        self.stop_adopting()
        for name in list(self._opened):
            await self._close(name)

    async def watch(self) -> None:
        """Adopt and set aside until cancelled; whatever goes wrong is tried again."""
        failures = 0
        while True:
            self._changed.clear()
            looked = self._inheritance.numbers
            try:
                await self._look()
                self._inheritance.report(Estate(looked, await self._still_waiting()))
                failures = 0
            except Exception as error:  # noqa: BLE001 - nobody else would deliver what is left; the next look may succeed
                self._inheritance.report(Estate(looked, looked))  # what they have left may be here: it is not known
                failures = min(failures + 1, MOST_DOUBLINGS)
                log.error("adoption_failed", error=type(error).__name__, again_in=LOOK_SECONDS * 2**failures)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS * 2**failures):
                    await self._changed.wait()

    async def unowned_totals(self) -> list[Total]:
        """Return what waits where no process has it; nothing while another process counts that."""
        if self._adopting and self._watch is None:
            self._watch = take_watch(self._data_dir)
        if self._watch is None and self._opening is None:
            return []
        return await asyncio.to_thread(self._totals_beside, self._watch is not None)

    def _totals_beside(self, all_unowned: bool) -> list[Total]:
        unowned = folders_without_owner(self._data_dir) if all_unowned else []
        opening = self._opening  # after the look: what was taken meanwhile has been noted
        return add_up(_totals_of(path) for path in {*unowned, *([] if opening is None else [opening])})

    async def _look(self) -> None:
        for name, opened in list(self._opened.items()):
            if opened.store.damage.found:
                await self._set_aside(name)
        if not self.spool.has_own:
            await self._make_own()
        if self._adopting:
            await self._adopt_what_is_left()
            await self._remove_empty()
            await self._give_back()

    async def _adopt_what_is_left(self) -> None:
        now = time.monotonic()
        found = await asyncio.to_thread(folders_without_owner, self._data_dir)
        self._seen = {
            path: self._seen.get(path, now + (0.0 if self._is_ours(worker_of(path)) else LEFT_FOR_SECONDS))
            for path in found
            if not self._is_anothers(worker_of(path))
        }
        for path, since in list(self._seen.items()):
            if since > now or not self._adopting:
                continue
            await self._adopt(path)

    def _is_ours(self, number: int | None) -> bool:
        return self._seat.workers == 1 or number in {self._seat.worker, *self._inheritance.numbers}

    def _is_anothers(self, number: int | None) -> bool:
        """Tell whether that is the number of another worker whose heir this one is not."""
        return number in range(1, self._seat.workers + 1) and not self._is_ours(number)

    async def _adopt(self, path: Path) -> None:
        """Take a spool, if nobody else has it meanwhile; it is counted all the time."""
        try:
            # In a thread: another process may hold up who wants to choose.
            if (folder := await in_thread(partial(take_folder, path, self._note_opening), _let_go)) is not None:
                await self._open_adopted(folder)
        finally:
            self._opening = None

    def _note_opening(self, path: Path) -> None:
        self._opening = path

    async def _open_adopted(self, folder: OwnedFolder) -> None:
        try:
            if await self._add(folder):
                log.warning("spool_adopted", spool=folder.path.name)
        except (ConfigError, SpoolError, OSError) as error:
            self._not_adopted(folder, error)
        finally:
            if folder.path.name not in self._opened:
                folder.release()

    def _not_adopted(self, folder: OwnedFolder, error: ConfigError | SpoolError | OSError) -> None:
        self._seen[folder.path] = time.monotonic() + AGAIN_SECONDS
        reason = error.strerror if isinstance(error, OSError) else str(error)
        log.error("spool_not_adopted", spool=folder.path.name, reason=reason, again_in=AGAIN_SECONDS)

    async def _add(self, folder: OwnedFolder) -> bool:
        """Open a spool that is locked; it stays closed if it is damaged, or is another's and empty."""
        name = folder.path.name
        stack = AsyncExitStack()
        try:
            opening = open_store(folder.path, self._settings, self._seal, self._clock, owner=True)
            store = await stack.enter_async_context(opening)
        except SpoolDamaged as error:
            await self._mark(folder, str(error))
            return False
        try:
            if self.spool.has_own and await Operations(store).is_empty():
                await stack.aclose()
                folder.remove()
                return False
        except BaseException:
            await stack.aclose()
            raise
        neighbours = Neighbours(store.folder, store.seal, store.pseudonyms)
        commits, claims = Commits(store, neighbours), Claims(store, neighbours)
        stack.push_async_callback(_let_go_of, neighbours, store)
        stack.push_async_callback(commits.close)
        store.damage.told = self._changed.set
        self._opened[name] = Opened(folder, store, stack, worker_of(folder.path))
        self._opening = None
        self.spool.add(Part(name, Operations(store), commits, claims, store.signals.wake_all))
        return True

    async def _make_own(self) -> None:
        """Take a fresh spool for what comes in from now on."""
        made = False
        with suppress(OSError, ConfigError):
            make = partial(new_folder, self._data_dir, self._seat.worker)
            made = await self._add_fresh(await in_thread(make, OwnedFolder.remove))
        self._trouble(None if made else NO_SPOOL)
        if not made:
            log.error("spool_not_made", reason=NO_SPOOL)

    async def _add_fresh(self, folder: OwnedFolder) -> bool:
        """Open a spool that was just made; nothing is left of it where it cannot be opened."""
        try:
            return await self._add(folder)
        finally:
            if folder.path.name not in self._opened:
                folder.remove()

    async def _set_aside(self, name: str) -> None:
        """Take a damaged spool out of use; what is under way there is not recorded any more."""
        self.spool.remove(name)
        if not self.spool.has_own:
            self._trouble(DAMAGED)
        await self._mark(self._opened[name].folder, DAMAGED)
        await self._close(name)

    async def _mark(self, folder: OwnedFolder, reason: str) -> None:
        with suppress(OSError):  # a disk that cannot be written: at the next start it is found damaged again
            await in_thread(partial(folder.set_aside, reason), lambda _: None)
        log.error("spool_set_aside", spool=folder.path.name, reason=reason, mend="run hilum spool repair")

    async def _remove_empty(self) -> None:
        """Remove the adopted spools in which not even a record is left."""
        for part in self.spool.adopted:
            if await self._take_out(part, self._is_unused):
                await self._close(part.name, OwnedFolder.remove)

    async def _give_back(self) -> None:
        """Leave to a worker that is back those of its spools in which nothing waits any more."""
        for part in self.spool.adopted:
            if self._is_anothers(self._opened[part.name].worker) and await self._take_out(part, self._is_drained):
                await self._close(part.name)

    async def _take_out(self, part: Part, may_go: Callable[[Part], Awaitable[bool]]) -> bool:
        """Take a part out of use if it may go."""
        if not await may_go(part):
            return False
        self.spool.remove(part.name)  # before the last look: nothing can be committed to it any more
        gone = False
        try:
            gone = await may_go(part)
        finally:
            if not gone:
                self.spool.add(part)
        return gone

    async def _is_unused(self, part: Part) -> bool:
        return not self.spool.in_use(part) and await part.operations.is_empty()

    async def _is_drained(self, part: Part) -> bool:
        waits = any(each.count and each.state is State.WAITING for each in await part.operations.totals())
        return not waits and not self.spool.in_use(part)

    async def _still_waiting(self) -> Numbers:
        """Return the workers of whose messages some wait in the spools that were adopted."""
        found: set[int] = set()
        for part in self.spool.adopted:
            number = self._opened[part.name].worker
            if number is not None and number != self._seat.worker:
                try:
                    drained = await self._is_drained(part)
                except SpoolError:  # it cannot be told now
                    drained = False
                found |= set() if drained else {number}
        return frozenset(found)

    async def _close(self, name: str, then: Callable[[OwnedFolder], None] = OwnedFolder.release) -> None:
        opened = self._opened.pop(name)
        try:
            await to_its_end(opened.stack.aclose())
            then(opened.folder)
        except sqlite3.Error as error:
            log.error("spool_not_closed", spool=name, error=type(error).__name__)
        finally:
            opened.folder.release()

    def _stop_counting(self) -> None:
        if self._watch is not None:
            self._watch.release()
            self._watch = None


def _let_go(folder: OwnedFolder | None) -> None:
    if folder is not None:
        folder.release()


async def _let_go_of(neighbours: Neighbours, store: Store) -> None:
    with suppress(SpoolError):
        await store.read(lambda _: neighbours.close())


def _totals_of(folder: Path) -> list[Total]:
    try:
        with closing(connect(folder / DATABASE, READER_CACHE_KIB)) as connection:
            return Queries(connection).totals()
    except (*ERRORS, OSError, ConfigError, KeyError, TypeError):  # gone meanwhile, or damaged: it will be set aside
        return []


def _unusable(data_dir: Path, error: OSError) -> str:
    return f"data_dir: {data_dir}: the spool's folder cannot be used: {error.strerror}; make it writable"
