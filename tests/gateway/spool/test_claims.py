"""Claiming and settling."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.contract.outcome import Unavailable
from gateway.spool import (
    Delivered,
    Parked,
    Plan,
    RetryLater,
    Selection,
    Spool,
    SpoolDamaged,
    State,
    claims,
    open_for_operator,
    open_spool,
)
from gateway.spool.database import schema
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.writer import Done, Waiting
from gateway.spool.log.writer import LoggedWriter
from tests.gateway.spool.spools import (
    SETTINGS,
    FakeClock,
    claim_one,
    claimed,
    commit,
    folder_of,
    make_message,
    only_record,
)

SOON = 20.0
"""Longer than anything takes that a test waits for."""


async def test_a_writer_that_fails_beside_its_work(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What became of a delivery is recorded by another try, and what shares its key goes on."""
    for name in ("1", "2"):
        await commit(spool, message_id=name, plan=Plan(("store",), "k"))
    entry = await claim_one(spool)
    commit_all, tries = LoggedWriter._commit, []

    def fail_once(writer: LoggedWriter, batch: list[Waiting]) -> list[Done]:
        tries.append(batch)
        if len(tries) == 1:
            raise RuntimeError("as planned")
        return commit_all(writer, batch)

    monkeypatch.setattr(claims, "REWRITE_SECONDS", 0.01)
    monkeypatch.setattr(LoggedWriter, "_commit", fail_once)
    assert await spool.settle(entry, Delivered())
    assert ["2"] == await claimed(spool)


async def test_destinations_progress_alone(spool: Spool) -> None:
    """A destination that is down does not hold up another."""
    for number in range(2):
        await commit(spool, message_id=str(number), plan=Plan(("a", "b"), "k"))
    await spool.settle(await claim_one(spool, "a"), RetryLater("down", 60.0))
    await spool.settle(await claim_one(spool, "b"), Delivered())
    assert ([], ["1"]) == (await claimed(spool, destination="a"), await claimed(spool, destination="b"))


async def test_again(spool: Spool, clock: FakeClock) -> None:
    """A pause lasts until its end, and the attempts are counted; later messages of the key wait."""
    for number in range(2):
        await commit(spool, message_id=str(number), plan=Plan(("store",), "a"))
    await spool.settle(await claim_one(spool), RetryLater("the store is down", 30.0))
    clock.now += 29
    assert [] == await claimed(spool)
    clock.now += 2
    entry = await claim_one(spool)
    assert ("0", 1) == (entry.message.message_id, entry.attempts)


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
async def test_clock_stepped_back(tmp_path: Path, clock: FakeClock, restart: bool) -> None:
    """A clock that is stepped back an hour stretches no pause and changes no order."""
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        for number in range(2):
            await commit(spool, message_id=str(number), plan=Plan(("store",), "a"))
        await spool.settle(await claim_one(spool), RetryLater("down", 30.0))
        clock.now -= 3600
        if not restart:
            await finish_after_step(spool, clock)
    if restart:
        async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
            await finish_after_step(spool, clock)


async def finish_after_step(spool: Spool, clock: FakeClock) -> None:
    """Deliver the two messages of an ordering key, and one that comes in meanwhile."""
    await commit(spool, message_id="2", plan=Plan(("store",), "a"))
    assert [] == await claimed(spool)
    clock.now += 31
    for name in ("0", "1", "2"):
        entry = await claim_one(spool)
        assert name == entry.message.message_id
        await spool.settle(entry, Delivered())


async def test_parked(spool: Spool) -> None:
    """Messages behind a parked one of their key go on, unless it holds the key until somebody decides."""
    for number in range(3):
        await commit(spool, message_id=str(number), plan=Plan(("store",), "a"))
    await spool.settle(await claim_one(spool), Parked("refused"))
    await spool.settle(await claim_one(spool), Parked("refused", hold_key=True))
    assert [] == await claimed(spool)
    assert 1 == await spool.discard(Selection(state=State.PARKED, entry_ids=await held(spool)), "useless")
    assert ["2"] == await claimed(spool)


async def held(spool: Spool) -> frozenset[str]:
    """Return the entry ID of the second message."""
    return frozenset(r.entry_id for r in (await spool.find(Selection())).records if r.message_id == "1")


async def test_release(spool: Spool) -> None:
    """A claim that is given back can be made again."""
    await commit(spool)
    spool.release(await claim_one(spool))
    assert ["m1"] == await claimed(spool)


async def test_an_operator_was_faster(spool: Spool) -> None:
    """What was discarded while it was delivered stays discarded, and the dispatcher is told."""
    await commit(spool)
    entry = await claim_one(spool)
    await spool.discard(Selection(), "useless")
    assert not await spool.settle(entry, Delivered())
    assert State.DISCARDED is (await only_record(spool)).state


async def test_a_settlement_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the spool cannot be written a settlement waits, and the message is not handed out again."""
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.01)
    monkeypatch.setattr(claims, "REWRITE_SECONDS", 0.01)
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool)
        entry = await claim_one(spool)
        with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            settling = asyncio.create_task(spool.settle(entry, Delivered()))
            done, _ = await asyncio.wait([settling], timeout=0.1)
            assert (set(), []) == (done, await claimed(spool))
        assert await settling
        assert State.DELIVERED is (await only_record(spool)).state


async def wakes(spool: Spool, action: Callable[[], object]) -> bool:
    """Tell whether somebody who waits for work wakes when *action* is done."""
    assert [] == await spool.claim("store", 9)
    waiting = asyncio.create_task(spool.wait_for_work("store", SOON))
    await asyncio.sleep(0)
    result = action()
    if asyncio.iscoroutine(result):
        await result
    done, pending = await asyncio.wait([waiting], timeout=SOON / 2)
    for each in pending:
        each.cancel()
    return bool(done)


async def test_a_commit_wakes(spool: Spool) -> None:
    """A new message ends the wait."""
    assert await wakes(spool, lambda: commit(spool))


async def test_a_release_wakes(spool: Spool) -> None:
    """So does a claim that is given back."""
    await commit(spool)
    entry = await claim_one(spool)
    assert await wakes(spool, lambda: spool.release(entry))


async def test_a_retry_wakes(spool: Spool) -> None:
    """So does an operator."""
    await commit(spool)
    await spool.settle(await claim_one(spool), Parked("no"))
    assert await wakes(spool, lambda: spool.retry(Selection()))


async def test_an_operator_beside_the_daemon_wakes(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So does an operator in another process, a little later."""
    monkeypatch.setattr(claims, "POLL_SECONDS", 0.01)
    await commit(spool)
    await spool.settle(await claim_one(spool), RetryLater("down", 1000.0))
    await spool.wait_for_work("store", 0.1)

    async def retry() -> None:
        async with open_for_operator(tmp_path, SETTINGS) as operations:
            assert 1 == await operations.retry(Selection())

    assert await wakes(spool, retry)
    assert ["m1"] == await claimed(spool)


async def test_the_end_of_a_pause_wakes(spool: Spool, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does the end of a pause, by the spool's clock."""
    monkeypatch.setattr(claims, "POLL_SECONDS", 0.01)
    await commit(spool)
    await spool.settle(await claim_one(spool), RetryLater("down", 30.0))

    def turn() -> None:
        clock.now += 31

    assert await wakes(spool, turn)
    assert ["m1"] == await claimed(spool)


async def test_no_wait_while_there_is_more(spool: Spool) -> None:
    """After a claim that took all it might, there is no wait."""
    for number in range(3):
        await commit(spool, message_id=str(number))
    assert ["0", "1"] == await claimed(spool, 2)
    await asyncio.wait_for(spool.wait_for_work("store", SOON), SOON / 2)


async def test_nothing_comes(spool: Spool) -> None:
    """Without work the wait ends by itself; what is claimed already is no work."""
    await commit(spool)
    await spool.settle(await claim_one(spool), RetryLater("down", 0.0))
    await claim_one(spool)
    await spool.wait_for_work("store", 0.05)
    assert [] == await claimed(spool)


async def test_a_settlement_over_damage_is_not_tried_for_ever(spool: Spool, tmp_path: Path) -> None:
    """A database that does not take the settlement because it is damaged is set aside; the caller is told at once."""
    await commit(spool)
    entry = await claim_one(spool)

    def harm(ledger: object) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_CORRUPT, "SQLITE_CORRUPT"
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "settle", lambda ledger, *_: harm(ledger))
        with pytest.raises(SpoolDamaged):
            await asyncio.wait_for(spool.settle(entry, Delivered()), SOON)
    async with asyncio.timeout(SOON):
        while isinstance(await spool.commit(make_message(message_id="new"), Plan(("store",))), Unavailable):
            await asyncio.sleep(0.01)
    assert 1 == len(await spool.set_aside())
    assert ["new"] == await claimed(spool)
