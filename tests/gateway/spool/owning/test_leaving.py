"""Spools that go back, or go."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.spool import Delivered, Selection, SpoolError, open_spool
from gateway.spool.folders import (
    WorkerIndex,
    existing_folders,
)
from gateway.spool.inheritance import NOBODY, Estate, Inheritance
from gateway.spool.operations import Operations
from tests.gateway.spool.spools import LARGE, PATIENCE, SETTINGS, FakeClock, claim_one, commit, until

pytestmark = pytest.mark.usefixtures("_quick_looks")
ONE = frozenset({1})


async def test_what_the_heir_has_adopted_goes_back(tmp_path: Path) -> None:
    """A worker that is back gets its spool, with the records, once nothing waits there: then its peers may come."""
    told: list[Estate] = []
    successor = Inheritance(tell=told.append)
    async with AsyncExitStack() as stack:
        spool = await stack.enter_async_context(
            open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), inheritance=successor)
        )
        async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2)) as missing:
            await commit(missing, LARGE, "left")
        successor.inherit(ONE)
        await until(lambda: Estate(ONE, ONE) in told)
        back = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2)))
        assert [] == await back.claim("store", 9)
        entry = await claim_one(spool)
        successor.inherit(NOBODY)
        await until(lambda: told[-1] == Estate(NOBODY, ONE))
        await spool.settle(entry, Delivered())
        await until(lambda: told[-1] == Estate())
        async with asyncio.timeout(PATIENCE):
            while not (await back.find(Selection())).records:
                await asyncio.sleep(0.01)


async def test_an_empty_one_is_removed_while_running(tmp_path: Path, clock: FakeClock) -> None:
    """An adopted spool goes when its last record is purged, without a restart."""
    async with AsyncExitStack() as stack:
        async with open_spool(tmp_path, SETTINGS, clock=clock) as old:
            await commit(old)
            await old.discard(Selection(), "useless")
            spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, clock=clock))
        async with asyncio.timeout(PATIENCE):
            while not (await spool.find(Selection())).records:
                await asyncio.sleep(0.01)
        assert 2 == len(existing_folders(tmp_path))
        clock.now += 8 * 86400
        assert 1 == await spool.purge()
        await until(lambda: len(existing_folders(tmp_path)) == 1)
        await commit(spool)
        await claim_one(spool)


async def test_an_adopted_spool_that_cannot_be_read_at_its_end(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays in use, and is removed once it can be read."""
    asked: list[Operations] = []
    is_empty = Operations.is_empty

    async def fail(operations: Operations) -> bool:
        asked.append(operations)
        if len(asked) % 2 == 0 and len(asked) < 6:
            raise SpoolError("the spool cannot be read (SQLITE_IOERR)")
        return await is_empty(operations)

    async with AsyncExitStack() as stack:
        async with open_spool(tmp_path, SETTINGS, clock=clock) as old:
            await commit(old)
            await old.discard(Selection(), "useless")
            spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, clock=clock))
        await until(lambda: len(spool._parts) == 2)  # type: ignore[attr-defined]
        monkeypatch.setattr(Operations, "is_empty", fail)
        clock.now += 8 * 86400
        assert 1 == await spool.purge()
        await until(lambda: len(asked) > 3)
        await until(lambda: len(existing_folders(tmp_path)) == 1)
        assert len(asked) > 5
