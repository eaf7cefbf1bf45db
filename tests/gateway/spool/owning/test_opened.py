"""A spool that is locked and opened."""

import asyncio
import sqlite3
import threading
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import open_spool
from gateway.spool.damage import check
from gateway.spool.database import connections
from gateway.spool.folders import (
    existing_folders,
    folders_without_owner,
    take_folder,
)
from gateway.spool.owning import opened
from tests.gateway.spool.spools import SETTINGS, commit, until

pytestmark = pytest.mark.usefixtures("_quick_looks")


async def test_a_fresh_spool_that_cannot_be_opened_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried, no folder and no descriptor stays behind."""
    tries: list[Path] = []

    def fail(folder: Path, *_: object, **__: object) -> None:
        tries.append(folder)
        raise ConfigError("data_dir: the spool cannot be opened: SQLITE_FULL")

    async with open_spool(tmp_path, SETTINGS) as spool:
        monkeypatch.setattr(opened, "open_store", fail)
        part = next(iter(spool._parts.values()))  # type: ignore[attr-defined]
        part.claims._store.damage.found = True
        part.claims._store.damage.told()
        await until(lambda: len(tries) > 3)
        assert len([path for path in (tmp_path / "spool").iterdir() if path.is_dir()]) <= 2  # one is set aside
        locks = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        assert len([path for path in locks if path.parent in tries]) <= 1


async def test_the_end_of_an_adoption_that_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends while it opens an adopted spool keeps the lock until that is done: no second owner comes."""
    begun, go_on = threading.Event(), threading.Event()

    def read_slowly(connection: sqlite3.Connection, path: Path) -> None:
        if path.parent == left:
            begun.set()
            go_on.wait(30)
        check(connection, path)

    async with open_spool(tmp_path, SETTINGS) as gone:
        await commit(gone)
    (left,) = existing_folders(tmp_path)
    held = take_folder(left)
    assert held is not None
    monkeypatch.setattr(connections, "check", read_slowly)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(open_spool(tmp_path, SETTINGS))
        held.release()
        await asyncio.to_thread(begun.wait)
        ending = asyncio.create_task(stack.pop_all().aclose())
        await asyncio.wait([ending], timeout=0.2)
        assert take_folder(left) is None
        go_on.set()
        await asyncio.wait_for(ending, 60)
    assert [left] == [path for path in folders_without_owner(tmp_path) if path == left]
