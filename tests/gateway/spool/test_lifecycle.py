"""The spools of one process: adopted when their owner is gone, counted before, set aside when damaged."""

import asyncio
import fcntl
import threading
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.contract.outcome import Unavailable
from gateway.spool import Delivered, Plan, Spool, SpoolDamaged, lifecycle, open_spool
from gateway.spool.combined import CombinedSpool
from gateway.spool.folders import (
    SET_ASIDE,
    WorkerIndex,
    existing_folders,
    folders_set_aside,
    folders_without_owner,
    new_folder,
    take_folder,
)
from gateway.spool.inheritance import Estate, Inheritance
from gateway.spool.owning import candidates
from tests.gateway.spool.log.logs import keep_segment
from tests.gateway.spool.spools import LARGE, SETTINGS, claim_one, commit, make_message, next_one, until, waiting

pytestmark = pytest.mark.usefixtures("_quick_looks")

PLAN = Plan(("store",))
ONE = frozenset({1})


@pytest.mark.parametrize("worker_index", [WorkerIndex(1, 1), WorkerIndex(2, 2)])
async def test_a_successor_adopts(tmp_path: Path, worker_index: WorkerIndex) -> None:
    """What a process leaves that ends after its successor started is counted at once, adopted, and handed out."""
    async with AsyncExitStack() as stack:
        async with open_spool(tmp_path, SETTINGS, worker_index) as old:
            await commit(old, LARGE, "left")
            new = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, worker_index))
            assert 0 == await waiting(new)
            handed = asyncio.create_task(next_one(new))
        assert 1 == await waiting(new)
        entry = await asyncio.wait_for(handed, 60)
        assert "left" == entry.message.message_id
        assert await new.settle(entry, Delivered())


async def test_a_spool_is_left_to_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is clear that a worker does not come back, its spool waits for it: its messages go on in order there."""
    monkeypatch.setattr(candidates, "LEFT_FOR_SECONDS", 3600.0)
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2)) as one:
        async with open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2)) as other:
            await commit(other, LARGE, "left")
        looks: list[Path] = []

        def look(data_dir: Path) -> list[Path]:
            looks.append(data_dir)
            return folders_without_owner(data_dir)

        monkeypatch.setattr(lifecycle, "folders_without_owner", look)
        await until(lambda: len(looks) > 3)
        assert [] == await one.claim("store", 9)
        async with open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2)) as other:
            assert "left" == (await claim_one(other)).message.message_id


async def test_the_heir_adopts(tmp_path: Path) -> None:
    """Only the successor of a missing worker adopts its spool, and reports that afterwards."""
    told: list[Estate] = []
    successor = Inheritance(tell=told.append)
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, WorkerIndex(3, 3)))
        spool = await stack.enter_async_context(
            open_spool(tmp_path, SETTINGS, WorkerIndex(2, 3), inheritance=successor)
        )
        async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 3)) as missing:
            await commit(missing, LARGE, "left")
        successor.inherit(ONE)
        await until(lambda: Estate(ONE, ONE) in told)
        assert [] == await other.claim("store", 9)
        assert "left" == (await claim_one(spool)).message.message_id


async def test_an_operator_lets_go(tmp_path: Path) -> None:
    """A spool that an operator's command has locked is adopted once that has ended."""
    async with open_spool(tmp_path, SETTINGS) as gone:
        await commit(gone)
    (path,) = existing_folders(tmp_path)
    held = take_folder(path)
    assert held is not None
    async with open_spool(tmp_path, SETTINGS) as spool:
        await asyncio.sleep(0.1)
        assert [] == await spool.claim("store", 9)
        held.release()
        await asyncio.wait_for(spool.wait_for_work("store", 30), 20)
        await claim_one(spool)


@pytest.mark.parametrize("own", [True, False], ids=["the first", "another"])
async def test_a_damaged_left_over_spool_is_set_aside(tmp_path: Path, own: bool) -> None:
    """A spool that is no database does not prevent a start: an error is logged, and nobody opens the spool again."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2)) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2)) as other,
    ):
        await commit(one)
        await commit(other)
    bad = existing_folders(tmp_path)[0 if own else 1]
    (bad / "spool.db").write_bytes(b"no database" * 1000)
    with capture_logs() as logs:
        async with open_spool(tmp_path, SETTINGS) as spool:
            assert [bad.name] == await spool.set_aside()
            assert 1 == await waiting(spool)
            await commit(spool)
    assert [bad.name] == [each["spool"] for each in logs if each["event"] == "spool_set_aside"]
    with capture_logs() as logs:
        async with open_spool(tmp_path, SETTINGS):
            assert [bad] == folders_set_aside(tmp_path)
    assert [] == logs


async def test_a_left_over_spool_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool that cannot be opened does not prevent a start; it is tried again, and then delivered."""
    monkeypatch.setattr(candidates, "AGAIN_SECONDS", 0.05)
    async with open_spool(tmp_path, SETTINGS) as own:
        await commit(own)
        async with open_spool(tmp_path, SETTINGS) as gone:
            await commit(gone)
    (left,) = [path for path in existing_folders(tmp_path) if path.name != first_of(own)]
    database = left / "spool.db"
    database.rename(left / "elsewhere")
    database.mkdir()
    with capture_logs() as logs:
        async with open_spool(tmp_path, SETTINGS) as spool:
            assert 1 == len(await spool.claim("store", 9))
            await until(lambda: [each["spool"] for each in logs if each["event"] == "spool_not_adopted"])
            database.rmdir()
            (left / "elsewhere").rename(database)
            await until(lambda: "spool_adopted" in [each["event"] for each in logs])
            assert 1 == len(await spool.claim("store", 9))


def first_of(spool: Spool) -> str:
    """Return the name of the spool to which a process commits."""
    assert isinstance(spool, CombinedSpool)
    (name,) = spool._parts
    return name


async def test_damage_while_running(tmp_path: Path) -> None:
    """A spool found damaged is set aside, a fresh one is taken, and what is under way is not settled for ever."""
    troubles: list[str | None] = []
    async with open_spool(tmp_path, SETTINGS, trouble=troubles.append) as spool:
        await commit(spool)
        entry = await claim_one(spool)
        part = next(iter(spool._parts.values()))  # type: ignore[attr-defined]
        part.claims._store.damage.found = True
        part.claims._store.damage.told()
        await until(lambda: existing_folders(tmp_path) and folders_set_aside(tmp_path))
        await until(lambda: troubles and troubles[-1] is None)
        with pytest.raises(SpoolDamaged):
            await spool.settle(entry, Delivered())
        spool.release(entry)
        await commit(spool, message_id="new")
        assert "new" == (await claim_one(spool)).message.message_id
    assert troubles[0] is not None


async def test_no_fresh_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a fresh spool cannot be made senders are told to come back, and it is tried again."""

    def fail(_: Path) -> None:
        raise OSError(30, "read-only")

    monkeypatch.setattr(lifecycle, "new_folder", fail)
    async with open_spool(tmp_path, SETTINGS) as spool:
        part = next(iter(spool._parts.values()))  # type: ignore[attr-defined]
        part.claims._store.damage.found = True
        part.claims._store.damage.told()
        await until(lambda: list(tmp_path.rglob(SET_ASIDE)))
        assert isinstance(await spool.commit(make_message(), PLAN), Unavailable)
        await spool.wait_for_work("store", 0.01)
        monkeypatch.setattr(lifecycle, "new_folder", new_folder)
        await until(lambda: existing_folders(tmp_path))
        await until(lambda: spool.has_own)  # type: ignore[attr-defined]
        await commit(spool)


async def test_another_process_that_chooses(tmp_path: Path) -> None:
    """While another process holds the lock for choosing a spool, the event loop goes on."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        part = next(iter(spool._parts.values()))  # type: ignore[attr-defined]
        with (tmp_path / "spool" / "choosing").open() as choosing:
            fcntl.flock(choosing, fcntl.LOCK_EX)
            safety = threading.Timer(20, fcntl.flock, (choosing, fcntl.LOCK_UN))
            safety.start()
            part.claims._store.damage.found = True
            part.claims._store.damage.told()
            await until(lambda: list(tmp_path.rglob(SET_ASIDE)) and not spool.has_own)  # type: ignore[attr-defined]
            await asyncio.sleep(0.1)
            assert safety.is_alive()
            safety.cancel()
        await until(lambda: spool.has_own)  # type: ignore[attr-defined]


async def test_a_spool_with_a_damaged_segment_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its database holds nothing, but it is not removed: the segment may be all that is left of a message."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2)) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2)),
    ):
        await commit(one)
    for path in existing_folders(tmp_path):
        keep_segment(path)
    looks: list[Path] = []

    def look(data_dir: Path) -> list[Path]:
        looks.append(data_dir)
        return folders_without_owner(data_dir)

    monkeypatch.setattr(lifecycle, "folders_without_owner", look)
    async with open_spool(tmp_path, SETTINGS):
        await until(lambda: len(looks) > 3)
        assert 2 == len(existing_folders(tmp_path))
