"""Opens spools: for the process that commits and delivers, or for an operator beside it."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from gateway.errors import ConfigError
from gateway.spool.claims import Claims
from gateway.spool.clock import Clock
from gateway.spool.combined import CombinedOperations, CombinedSpool, Part
from gateway.spool.commits import Commits
from gateway.spool.folders import OwnedFolder, existing_folders, take_folders
from gateway.spool.interface import Operations as OperationsInterface
from gateway.spool.interface import Spool
from gateway.spool.key_file import load_seal
from gateway.spool.operations import Operations
from gateway.spool.seal import Seal
from gateway.spool.settings import SpoolSettings
from gateway.spool.store import Store, open_store


@asynccontextmanager
async def open_spool(
    data_dir: Path, settings: SpoolSettings, workers: int = 1, clock: Clock = time.time
) -> AsyncIterator[Spool]:
    """Open the spool of this process, one of *workers*; raises ConfigError if it cannot be used.

    What an earlier process held is handed out again. Spools of workers that no longer are come with it.
    """
    seal = load_seal(settings.key_file)
    async with AsyncExitStack() as stack:
        parts: list[Part] = []
        folders = _take(data_dir, workers)
        for folder in folders:
            stack.callback(folder.release)
        for folder in folders:
            store = await stack.enter_async_context(_open_unless_empty(folder, settings, seal, clock, own=not parts))
            if store is not None:
                commits = Commits(store)
                stack.push_async_callback(commits.close)
                parts.append(Part(store.name, Operations(store), commits, Claims(store)))
        yield CombinedSpool(parts)


@asynccontextmanager
async def open_for_operator(
    data_dir: Path, settings: SpoolSettings, clock: Clock = time.time
) -> AsyncIterator[OperationsInterface]:
    """Open all spools beside the processes that own them, if any; the owners notice what is decided here."""
    seal = load_seal(settings.key_file)
    async with AsyncExitStack() as stack:
        spools = {}
        for folder in existing_folders(data_dir):
            store = await stack.enter_async_context(open_store(folder, settings, seal, clock, owner=False))
            spools[store.name] = Operations(store)
        yield CombinedOperations(spools)


@asynccontextmanager
async def _open_unless_empty(
    folder: OwnedFolder, settings: SpoolSettings, seal: Seal, clock: Clock, own: bool
) -> AsyncIterator[Store | None]:
    """Open a spool; remove it instead if it was adopted and nothing is left in it."""
    async with open_store(folder.path, settings, seal, clock, owner=True) as store:
        if own or not await Operations(store).is_empty():
            yield store
            return
    folder.remove()
    yield None


def _take(data_dir: Path, workers: int) -> list[OwnedFolder]:
    try:
        return take_folders(data_dir, workers)
    except OSError as error:
        raise ConfigError(
            f"data_dir: {data_dir}: the spool's folder cannot be used: {error.strerror}; make it writable"
        ) from None
