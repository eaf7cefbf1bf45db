"""What is counted while nobody has it."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.spool import lifecycle, open_spool
from gateway.spool.folders import (
    OwnedFolder,
    WorkerIndex,
    take_folder,
)
from tests.gateway.spool.spools import LARGE, PATIENCE, SETTINGS, commit, held, waiting

pytestmark = pytest.mark.usefixtures("_quick_looks")


async def test_it_is_counted_while_it_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits in a spool is counted also when its lock is taken and it is not open yet."""
    taken, go_on = threading.Event(), threading.Event()

    def take_slowly(path: Path, took: Callable[[Path], None]) -> OwnedFolder | None:
        folder = take_folder(path, took)
        taken.set()
        go_on.wait(30)
        return folder

    monkeypatch.setattr(lifecycle, "take_folder", take_slowly)
    async with AsyncExitStack() as stack:
        async with open_spool(tmp_path, SETTINGS) as old:
            await commit(old, LARGE, "left")
            new = await stack.enter_async_context(open_spool(tmp_path, SETTINGS))
            await waiting(new)
        await asyncio.to_thread(taken.wait, 30)
        counted = await waiting(new)
        go_on.set()
        assert 1 == counted


async def test_one_counts_and_one_adopts(tmp_path: Path) -> None:
    """Of two processes one counts what waits without an owner, and one adopts it: no message is counted twice."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2)) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2)) as other,
    ):
        async with open_spool(tmp_path, SETTINGS, WorkerIndex(3, 3)) as third:
            await commit(third)
        async with asyncio.timeout(PATIENCE):
            while not await held(one, other):  # the two are not asked at one moment: it may come to one in between
                await asyncio.sleep(0.01)
        assert 1 == await waiting(one) + await waiting(other)


async def test_one_that_ends_adopts_nothing(tmp_path: Path) -> None:
    """A process that drains leaves a spool without an owner to others, and does not count it."""
    async with open_spool(tmp_path, SETTINGS) as draining:
        async with open_spool(tmp_path, SETTINGS) as gone:
            await commit(gone)
            draining.stop_adopting()
        await asyncio.sleep(0.1)
        assert 0 == await waiting(draining)
        async with open_spool(tmp_path, SETTINGS) as successor:
            assert 1 == await waiting(successor)
