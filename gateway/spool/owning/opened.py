"""A spool that this process has locked and opened."""

import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import structlog

from gateway.spool.claims import Claims
from gateway.spool.clock import Clock
from gateway.spool.combined import Part
from gateway.spool.commits import Commits
from gateway.spool.database.store import Store, open_store
from gateway.spool.folders import OwnedFolder, worker_of
from gateway.spool.interface import SpoolError
from gateway.spool.neighbours import Neighbours
from gateway.spool.operations import Operations
from gateway.spool.payloads.seal import Seal
from gateway.spool.settings import SpoolSettings
from gateway.spool.threads import to_its_end

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Opened:
    """A spool that this process has open."""

    folder: OwnedFolder
    store: Store
    part: Part
    stack: AsyncExitStack
    worker: int | None
    """The number of the worker that the spool belongs to."""

    @property
    def name(self) -> str:
        """The name of the spool."""
        return self.part.name

    async def close(self, then: Callable[[OwnedFolder], None] = OwnedFolder.release) -> None:
        """Finish what is under way, close the spool, and call *then* with its folder."""
        try:
            await to_its_end(self.stack.aclose())
            then(self.folder)
        except sqlite3.Error as error:
            log.error("spool_not_closed", spool=self.name, error=type(error).__name__)
        finally:
            self.folder.release()


async def open_owned(folder: OwnedFolder, settings: SpoolSettings, seal: Seal, clock: Clock) -> Opened:
    """Open a spool that is locked; raises ConfigError if it cannot be used as it is, SpoolDamaged if it is damaged."""
    stack = AsyncExitStack()
    store = await stack.enter_async_context(open_store(folder.path, settings, seal, clock, owner=True))
    neighbours = Neighbours(store.folder, store.seal, store.pseudonyms)
    commits, claims = Commits(store, neighbours), Claims(store, neighbours)
    stack.push_async_callback(_let_go_of, neighbours, store)
    stack.push_async_callback(commits.close)
    part = Part(folder.path.name, Operations(store), commits, claims, store.signals.wake_all)
    return Opened(folder, store, part, stack, worker_of(folder.path))


async def _let_go_of(neighbours: Neighbours, store: Store) -> None:
    with suppress(SpoolError):
        await store.read(lambda _: neighbours.close())
