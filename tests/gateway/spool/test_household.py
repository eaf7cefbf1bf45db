"""The spools of one process: adopted when their owner is gone, counted before, set aside when damaged."""

import asyncio
import fcntl
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.contract.errors import ConfigError
from gateway.contract.outcome import Unavailable
from gateway.spool import Delivered, Plan, Selection, Spool, SpoolDamaged, SpoolError, State, household, open_spool
from gateway.spool.combined import CombinedSpool
from gateway.spool.damage import check
from gateway.spool.database import connections
from gateway.spool.folders import (
    SET_ASIDE,
    OwnedFolder,
    Seat,
    existing_folders,
    folders_set_aside,
    folders_without_owner,
    new_folder,
    take_folder,
)
from gateway.spool.inheritance import NOBODY, Estate, Inheritance
from gateway.spool.operations import Operations
from tests.gateway.spool.spools import LARGE, SETTINGS, FakeClock, claim_one, commit, make_message

PLAN = Plan(("store",))
ONE = frozenset({1})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(household, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(household, "LEFT_FOR_SECONDS", 0.05)


async def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def waiting(spool: Spool) -> int:
    """Return how many messages wait."""
    return sum(total.count for total in await spool.totals() if total.state is State.WAITING)


@pytest.mark.parametrize("seat", [Seat(1, 1), Seat(2, 2)])
async def test_a_successor_adopts(tmp_path: Path, seat: Seat) -> None:
    """What a process leaves that ends after its successor started is counted at once, adopted, and handed out."""
    async with AsyncExitStack() as stack:
        async with open_spool(tmp_path, SETTINGS, seat) as old:
            await commit(old, LARGE, "left")
            new = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, seat))
            assert 0 == await waiting(new)
            waits = asyncio.create_task(new.wait_for_work("store", 30))
        assert 1 == await waiting(new)
        await asyncio.wait_for(waits, 20)
        entry = await claim_one(new)
        assert "left" == entry.message.message_id
        assert await new.settle(entry, Delivered())


async def test_it_is_counted_while_it_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits in a spool is counted also when its lock is taken and it is not open yet."""
    taken, go_on = threading.Event(), threading.Event()

    def take_slowly(path: Path, took: Callable[[Path], None]) -> OwnedFolder | None:
        folder = take_folder(path, took)
        taken.set()
        go_on.wait(30)
        return folder

    monkeypatch.setattr(household, "take_folder", take_slowly)
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
    async with open_spool(tmp_path, SETTINGS, Seat(1, 2)) as one, open_spool(tmp_path, SETTINGS, Seat(2, 2)) as other:
        async with open_spool(tmp_path, SETTINGS, Seat(3, 3)) as third:
            await commit(third)
        async with asyncio.timeout(60):
            while not await held(one, other):  # the two are not asked at one moment: it may come to one in between
                await asyncio.sleep(0.01)
        assert 1 == await waiting(one) + await waiting(other)


async def held(*spools: Spool) -> int:
    """Return how many records these spools have open."""
    return sum([len((await spool.find(Selection())).records) for spool in spools])


async def test_a_spool_is_left_to_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is clear that a worker does not come back, its spool waits for it: its messages go on in order there."""
    monkeypatch.setattr(household, "LEFT_FOR_SECONDS", 3600.0)
    async with open_spool(tmp_path, SETTINGS, Seat(1, 2)) as one:
        async with open_spool(tmp_path, SETTINGS, Seat(2, 2)) as other:
            await commit(other, LARGE, "left")
        looks: list[Path] = []

        def look(data_dir: Path) -> list[Path]:
            looks.append(data_dir)
            return folders_without_owner(data_dir)

        monkeypatch.setattr(household, "folders_without_owner", look)
        await until(lambda: len(looks) > 3)
        assert [] == await one.claim("store", 9)
        async with open_spool(tmp_path, SETTINGS, Seat(2, 2)) as other:
            assert "left" == (await claim_one(other)).message.message_id


async def test_the_heir_adopts(tmp_path: Path) -> None:
    """Of the others only the heir of a worker adopts what it has left, and it says so when it has."""
    told: list[Estate] = []
    heir = Inheritance(tell=told.append)
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, Seat(3, 3)))
        spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, Seat(2, 3), inheritance=heir))
        async with open_spool(tmp_path, SETTINGS, Seat(1, 3)) as missing:
            await commit(missing, LARGE, "left")
        heir.inherit(ONE)
        await until(lambda: Estate(ONE, ONE) in told)
        assert [] == await other.claim("store", 9)
        assert "left" == (await claim_one(spool)).message.message_id


async def test_what_the_heir_has_adopted_goes_back(tmp_path: Path) -> None:
    """A worker that is back gets its spool, with the records, once nothing waits there: then its peers may come."""
    told: list[Estate] = []
    heir = Inheritance(tell=told.append)
    async with AsyncExitStack() as stack:
        spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, Seat(2, 2), inheritance=heir))
        async with open_spool(tmp_path, SETTINGS, Seat(1, 2)) as missing:
            await commit(missing, LARGE, "left")
        heir.inherit(ONE)
        await until(lambda: Estate(ONE, ONE) in told)
        back = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, Seat(1, 2)))
        assert [] == await back.claim("store", 9)
        entry = await claim_one(spool)
        heir.inherit(NOBODY)
        await until(lambda: told[-1] == Estate(NOBODY, ONE))
        await spool.settle(entry, Delivered())
        await until(lambda: told[-1] == Estate())
        async with asyncio.timeout(60):
            while not (await back.find(Selection())).records:
                await asyncio.sleep(0.01)


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


async def test_an_empty_one_is_removed_while_running(tmp_path: Path, clock: FakeClock) -> None:
    """An adopted spool goes when its last record is purged, without a restart."""
    async with AsyncExitStack() as stack:
        async with open_spool(tmp_path, SETTINGS, clock=clock) as old:
            await commit(old)
            await old.discard(Selection(), "useless")
            spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, clock=clock))
        async with asyncio.timeout(60):
            while not (await spool.find(Selection())).records:
                await asyncio.sleep(0.01)
        assert 2 == len(existing_folders(tmp_path))
        clock.now += 8 * 86400
        assert 1 == await spool.purge()
        await until(lambda: len(existing_folders(tmp_path)) == 1)
        await commit(spool)
        await claim_one(spool)


@pytest.mark.parametrize("own", [True, False], ids=["the first", "another"])
async def test_a_damaged_left_over_spool_is_set_aside(tmp_path: Path, own: bool) -> None:
    """One that is no database keeps nobody from starting: an error is logged, and nobody opens it again."""
    async with open_spool(tmp_path, SETTINGS, Seat(1, 2)) as one, open_spool(tmp_path, SETTINGS, Seat(2, 2)) as other:
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
    """It does not keep a gateway from starting; it is tried again, and its messages are delivered then."""
    monkeypatch.setattr(household, "AGAIN_SECONDS", 0.05)
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

    monkeypatch.setattr(household, "new_folder", fail)
    async with open_spool(tmp_path, SETTINGS) as spool:
        part = next(iter(spool._parts.values()))  # type: ignore[attr-defined]
        part.claims._store.damage.found = True
        part.claims._store.damage.told()
        await until(lambda: list(tmp_path.rglob(SET_ASIDE)))
        assert isinstance(await spool.commit(make_message(), PLAN), Unavailable)
        await spool.wait_for_work("store", 0.01)
        monkeypatch.setattr(household, "new_folder", new_folder)
        await until(lambda: existing_folders(tmp_path))
        await until(lambda: spool.has_own)  # type: ignore[attr-defined]
        await commit(spool)


async def test_a_fresh_spool_that_cannot_be_opened_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried, no folder and no descriptor stays behind."""
    tries: list[Path] = []

    def fail(folder: Path, *_: object, **__: object) -> None:
        tries.append(folder)
        raise ConfigError("data_dir: the spool cannot be opened: SQLITE_FULL")

    async with open_spool(tmp_path, SETTINGS) as spool:
        monkeypatch.setattr(household, "open_store", fail)
        part = next(iter(spool._parts.values()))  # type: ignore[attr-defined]
        part.claims._store.damage.found = True
        part.claims._store.damage.told()
        await until(lambda: len(tries) > 3)
        assert len([path for path in (tmp_path / "spool").iterdir() if path.is_dir()]) <= 2  # one is set aside
        locks = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        assert len([path for path in locks if path.parent in tries]) <= 1


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


async def test_another_process_that_chooses(tmp_path: Path) -> None:
    """While another process holds up who wants to choose a spool, the event loop goes on."""
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


async def test_the_end_of_an_adoption_that_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends while it reads what another left keeps the lock until it has: the next owner is alone."""
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
