"""The spools that one process owns: its own, and those it adopts because their owner is gone.

A spool without an owner holds messages that were acknowledged and that nobody delivers. Processes look for such spools
all the time, count them until they are adopted, and adopt them unless they are about to end. A spool that turns out to
be damaged is set aside; if it was the process's own, the process makes a new one.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog

from gateway.contract.errors import ConfigError
from gateway.spool.clock import Clock
from gateway.spool.combined import NO_SPOOL, CombinedSpool
from gateway.spool.damage import DAMAGED
from gateway.spool.folders import (
    OwnedFolder,
    WorkerIndex,
    folders_without_owner,
    new_folder,
    take_folder,
    take_folders,
    worker_of,
)
from gateway.spool.inheritance import Estate, Inheritance, Numbers
from gateway.spool.interface import SpoolDamaged, SpoolError
from gateway.spool.owning.candidates import AGAIN_SECONDS, Candidates
from gateway.spool.owning.leaving import is_drained, is_unused, take_out
from gateway.spool.owning.opened import Opened, open_owned
from gateway.spool.owning.unowned import Unowned
from gateway.spool.payloads.seal import Seal
from gateway.spool.settings import SpoolSettings
from gateway.spool.threads import in_thread

log = structlog.get_logger()

LOOK_SECONDS = 2.0
"""How often spools without an owner are looked for."""
MOST_DOUBLINGS = 5
"""How many times at most that pause is doubled while looking fails."""


class SpoolLifecycle:
    """Opens, adopts, sets aside and closes the parts of :attr:`spool`."""

    def __init__(
        self,
        data_dir: Path,
        settings: SpoolSettings,
        seal: Seal,
        clock: Clock,
        worker_index: WorkerIndex,
        trouble: Callable[[str | None], None],
        inheritance: Inheritance,
    ) -> None:
        self._data_dir, self._worker_index, self._trouble = data_dir, worker_index, trouble
        self._open = partial(open_owned, settings=settings, seal=seal, clock=clock)
        self._opened: dict[str, Opened] = {}
        self._adopting = True
        self._changed = asyncio.Event()
        self._inheritance = inheritance
        inheritance.look = self._changed.set
        self._candidates = Candidates(worker_index, inheritance, worker_of)
        self._unowned = Unowned(data_dir)
        self.spool = CombinedSpool(data_dir, self._unowned.totals, self.stop_adopting)

    async def open_first(self) -> None:
        """Open the spools that a starting process takes; raises ConfigError if they cannot be used."""
        try:
            folders = take_folders(self._data_dir, self._worker_index)
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
        """Stop adopting and counting the spools of others: other processes do both."""
        self._adopting = False
        self._unowned.stop()

    async def close(self) -> None:
        """Close all parts."""
        self.stop_adopting()
        for name in list(self._opened):
            await self._close(name)

    async def watch(self) -> None:
        """Adopt spools and set damaged ones aside until cancelled; whatever fails is tried again."""
        failures = 0
        while True:
            self._changed.clear()
            looked = self._inheritance.numbers
            try:
                await self._look()
                self._inheritance.report(Estate(looked, await self._still_waiting()))
                failures = 0
            except Exception as error:  # noqa: BLE001 - nobody else would deliver what is left; the next look may succeed
                self._inheritance.report(Estate(looked, looked))  # unknown: their messages may be here
                failures = min(failures + 1, MOST_DOUBLINGS)
                log.error("adoption_failed", error=type(error).__name__, again_in=LOOK_SECONDS * 2**failures)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS * 2**failures):
                    await self._changed.wait()

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
        for path in self._candidates.ready(found, now):
            if self._adopting:
                await self._adopt(path)

    async def _adopt(self, path: Path) -> None:
        """Adopt a spool unless another process has locked it meanwhile; it is counted all the time."""
        try:
            # In a thread: taking the lock may have to wait for another process.
            if (folder := await in_thread(partial(take_folder, path, self._unowned.note_opening), _let_go)) is not None:
                await self._open_adopted(folder)
        finally:
            self._unowned.note_opened()

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
        self._candidates.put_off(folder.path, time.monotonic())
        reason = error.strerror if isinstance(error, OSError) else str(error)
        log.error("spool_not_adopted", spool=folder.path.name, reason=reason, again_in=AGAIN_SECONDS)

    async def _add(self, folder: OwnedFolder) -> bool:
        """Open a spool that is locked; False if it is damaged and set aside, or was adopted, empty and removed."""
        try:
            opened = await self._open(folder)
        except SpoolDamaged as error:
            await self._mark(folder, str(error))
            return False
        try:
            if self.spool.has_own and await opened.part.operations.is_empty():
                await opened.stack.aclose()
                folder.remove()
                return False
        except BaseException:
            await opened.stack.aclose()
            raise
        opened.store.damage.told = self._changed.set
        self._opened[opened.name] = opened
        self._unowned.note_opened()
        self.spool.add(opened.part)
        return True

    async def _make_own(self) -> None:
        """Make a new spool to commit to from now on."""
        made = False
        with suppress(OSError, ConfigError):
            make = partial(new_folder, self._data_dir, self._worker_index.worker)
            made = await self._add_fresh(await in_thread(make, OwnedFolder.remove))
        self._trouble(None if made else NO_SPOOL)
        if not made:
            log.error("spool_not_made", reason=NO_SPOOL)

    async def _add_fresh(self, folder: OwnedFolder) -> bool:
        """Open a spool that was just made; remove it if it cannot be opened."""
        try:
            return await self._add(folder)
        finally:
            if folder.path.name not in self._opened:
                folder.remove()

    async def _set_aside(self, name: str) -> None:
        """Take a damaged spool out of use; results of deliveries that are under way are not recorded there any more."""
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
            if await take_out(self.spool, part, is_unused):
                await self._close(part.name, OwnedFolder.remove)

    async def _give_back(self) -> None:
        """Close the adopted spools of workers that are back, once nothing waits in them: their workers take them."""
        for part in self.spool.adopted:
            worker = self._opened[part.name].worker
            if self._candidates.is_anothers(worker) and await take_out(self.spool, part, is_drained):
                await self._close(part.name)

    async def _still_waiting(self) -> Numbers:
        """Return the workers whose messages still wait in adopted spools."""
        found: set[int] = set()
        for part in self.spool.adopted:
            number = self._opened[part.name].worker
            if number is not None and number != self._worker_index.worker:
                try:
                    drained = await is_drained(self.spool, part)
                except SpoolError:  # unknown at the moment
                    drained = False
                found |= set() if drained else {number}
        return frozenset(found)

    async def _close(self, name: str, then: Callable[[OwnedFolder], None] = OwnedFolder.release) -> None:
        await self._opened.pop(name).close(then)


def _let_go(folder: OwnedFolder | None) -> None:
    if folder is not None:
        folder.release()


def _unusable(data_dir: Path, error: OSError) -> str:
    return f"data_dir: {data_dir}: the spool's folder cannot be used: {error.strerror}; make it writable"
