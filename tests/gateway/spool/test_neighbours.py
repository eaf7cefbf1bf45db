"""An entry waits for an earlier one of its key or identity that waits in the spool of another process."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from gateway.spool import Delivered, Entry, Parked, Plan, RetryLater, Spool, open_spool
from gateway.spool.claiming.waits import NEIGHBOUR_SECONDS
from gateway.spool.folders import WorkerIndex, existing_folders, write_mark
from gateway.spool.neighbours import Neighbours
from tests.gateway.spool.spools import PATIENCE, SETTINGS, FakeClock, claim_one, commit

NAMED, KEYED = Plan(("store",), None, "sender|C1", 3600.0), Plan(("store",), "patient|1")
BOTH = Plan(("store",), "patient|1", "sender|C1", 3600.0)
IN_TURN = {"identity": (NAMED, NAMED), "key": (KEYED, KEYED), "one of both": (NAMED, BOTH), "the other": (BOTH, KEYED)}


async def claimed(spool: Spool) -> list[str]:
    """Claim and return the names of the messages."""
    return [entry.message.message_id for entry in await spool.claim("store", 9)]


async def claimed_later(spool: Spool) -> Sequence[Entry]:
    """Claim as soon as there is something to claim."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await spool.claim("store", 9)):
            await spool.wait_for_work("store", 60.0)
    return found


async def deliver_all(spool: Spool, count: int, order: list[str]) -> None:
    """Deliver that many messages, one after another, and note their names."""
    for _ in range(count):
        (entry,) = await claimed_later(spool)
        order.append(entry.message.message_id)
        await spool.settle(entry, Delivered())


@pytest.mark.parametrize(("before", "after"), IN_TURN.values(), ids=IN_TURN)
async def test_what_another_process_has_goes_first(tmp_path: Path, clock: FakeClock, before: Plan, after: Plan) -> None:
    """What one process took waits until another has delivered what it took before of the same key or identity."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        await commit(other, b"B", "first", before)
        clock.now += 1
        await commit(one, b"A", "second", after)
        await commit(one, b"C", "of somebody else", Plan(("store",), "patient|2", "sender|C2"))
        assert ["of somebody else"] == await claimed(one)
        waiting = asyncio.create_task(claimed_later(one))
        await other.settle(await claim_one(other), Delivered())
        assert ["second"] == [entry.message.message_id for entry in await waiting]


async def test_content_that_comes_again(tmp_path: Path, clock: FakeClock) -> None:
    """Of A, B and A again the last A is delivered last, where B waits in the spool of another process."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        await commit(one, b"A", "A", NAMED)
        await one.settle(await claim_one(one), Delivered())
        clock.now += 1
        await commit(other, b"B", "B", NAMED)
        await other.settle(await claim_one(other), RetryLater("down", 30.0))
        clock.now += 1
        await commit(one, b"A", "A again", NAMED)
        assert [] == await claimed(one)
        clock.now += 31
        assert ["B"] == await claimed(other)
        assert [] == await claimed(one)


async def test_two_processes_never_wait_for_each_other(tmp_path: Path, clock: FakeClock) -> None:
    """However the machine's clock is set between commits, one of two ordering keys can always go on."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        for number in range(6):
            await commit((one, other)[number % 2], message_id=str(number), plan=KEYED)
            clock.now += (7.0, -5.0, 3.0)[number % 3]
        order: list[str] = []
        await asyncio.gather(deliver_all(one, 3, order), deliver_all(other, 3, order))
        assert 6 == len(order)


async def test_a_spool_that_nobody_has(tmp_path: Path, clock: FakeClock) -> None:
    """What waits in a spool whose owner has ended goes first too, whoever will adopt it."""
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other:
        await commit(other, message_id="first", plan=NAMED)
    clock.now += 1
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one:
        await commit(one, b"again", "second", NAMED)
        assert [] == await claimed(one)


async def test_another_destination(tmp_path: Path, clock: FakeClock) -> None:
    """What waits for another destination holds up nothing."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        await commit(other, plan=Plan(("archive",), "patient|1"))
        clock.now += 1
        await commit(one, message_id="mine", plan=KEYED)
        assert ["mine"] == await claimed(one)


async def test_a_lane_that_is_held(tmp_path: Path, clock: FakeClock) -> None:
    """A parked entry that holds its key holds it in all spools; one that does not lets the others pass."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        for key, held in (("patient|1", True), ("patient|2", False)):
            await commit(other, plan=Plan(("store",), key))
            await other.settle(await claim_one(other), Parked("refused", hold_key=held))
            clock.now += 1
            await commit(one, message_id=key, plan=Plan(("store",), key))
        assert ["patient|2"] == await claimed(one)


@pytest.mark.parametrize("trouble", ["another secret", "set aside", "no database", "a newer Hilum's"])
async def test_a_spool_that_cannot_be_read(tmp_path: Path, clock: FakeClock, trouble: str) -> None:
    """Nothing waits for a spool that cannot be compared, is out of use or cannot be read."""
    async with open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one:
        (ours,) = existing_folders(tmp_path)
        async with open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other:
            await commit(other, plan=KEYED)
        (folder,) = set(existing_folders(tmp_path)) - {ours}
        clock.now += 1
        await commit(one, message_id="mine", plan=KEYED)
        if trouble == "another secret":
            with closing(sqlite3.connect(folder / "spool.db")) as connection:
                connection.execute("UPDATE spool SET secret = x'00', secret_sum = NULL")
                connection.commit()
        elif trouble == "a newer Hilum's":
            with closing(sqlite3.connect(folder / "spool.db")) as connection:
                connection.executescript("ALTER TABLE messages ADD COLUMN colour TEXT; PRAGMA user_version = 99")
        elif trouble == "set aside":
            write_mark(folder / "set-aside", "damaged")
        else:
            (folder / "spool.db").write_bytes(b"no database" * 1000)
        assert ["mine"] == await claimed(one)


async def test_a_spool_that_is_set_aside_later(tmp_path: Path, clock: FakeClock) -> None:
    """What waits for a spool goes on within seconds after that has been set aside."""
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock) as other,
    ):
        await commit(other, plan=KEYED)
        clock.now += 1
        await commit(one, message_id="mine", plan=KEYED)
        assert [] == await claimed(one)
        for folder in existing_folders(tmp_path):
            if (folder / "worker").read_text() == "2":
                write_mark(folder / "set-aside", "damaged")
        async with asyncio.timeout(PATIENCE):
            while not (found := await claimed(one)):
                await one.wait_for_work("store", NEIGHBOUR_SECONDS)
        assert ["mine"] == found


async def test_a_spool_that_is_locked(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool that is locked at this moment holds up what has a key, and nothing else: the claim ends."""
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY

    def behind_one(*_: object) -> None:
        raise locked

    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), clock) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), clock),
    ):
        await commit(one, message_id="keyed", plan=KEYED)
        for _ in range(9):
            await commit(one, message_id="free")
        monkeypatch.setattr(Neighbours, "_behind_one", behind_one)
        assert ["free"] * 9 == await asyncio.wait_for(claimed(one), 30)


async def test_a_clock_that_is_set_while_three_spools_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two spools of one process and one of another have the same order for both, also after the clock was set."""
    wall, elapsed = FakeClock(), FakeClock(1000.0)
    monkeypatch.setattr("gateway.spool.database.store.elapsed_of", lambda _: elapsed)
    async with AsyncExitStack() as stack:
        for number in (1, 3, 2):  # one after the other; the third worker is no more afterwards
            spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, WorkerIndex(number, 3), wall))
            await commit(spool, message_id=str(number), plan=KEYED)
            wall.now, elapsed.now = wall.now + 1, elapsed.now + 1
    async with (
        open_spool(tmp_path, SETTINGS, WorkerIndex(1, 2), wall) as one,
        open_spool(tmp_path, SETTINGS, WorkerIndex(2, 2), wall) as other,
    ):
        wall.now += 3600
        await commit(one, plan=Plan(("archive",)))  # only one of the three spools is written
        order: list[str] = []
        await asyncio.gather(deliver_all(one, 2, order), deliver_all(other, 1, order))
        assert ["1", "3", "2"] == order
