"""Several spools behind one interface."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.spool import (
    Committed,
    Delivered,
    Plan,
    RetryLater,
    Selection,
    Spool,
    SpoolError,
    State,
    lifecycle,
    open_spool,
)
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.folders import WorkerIndex
from gateway.spool.neighbours import Neighbours
from tests.gateway.spool.spools import LARGE, PATIENCE, SETTINGS, FakeClock, claim_one, commit, files_in, make_message

PLAN = Plan(("store",), "sender", "sender|C1", 3600.0)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "LOOK_SECONDS", 0.02)


@pytest.fixture
async def adopted(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Spool]:
    """Open the spool of a process that adopts another's; each holds a message, "1" and "2", of different keys."""
    async with AsyncExitStack() as stack:
        opening = [open_spool(tmp_path, SETTINGS, WorkerIndex(number, 2), clock) for number in (1, 2)]
        two = [await stack.enter_async_context(each) for each in opening]
        for number, spool in enumerate(two, 1):
            await commit(spool, LARGE, str(number), Plan(("store",), f"k{number}", f"i{number}", 3600.0))
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        yield spool


async def until_adopted(spool: Spool) -> None:
    """Wait until a spool consists of two."""
    async with asyncio.timeout(PATIENCE):
        while len(spool._parts) < 2:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)


async def names(spool: Spool, selection: Selection) -> set[str]:
    """Return the names of the messages that are found."""
    return {record.message_id for record in (await spool.find(selection)).records}


async def test_all_is_handed_out(adopted: Spool) -> None:
    """What an adopted spool holds is delivered like one's own."""
    entries = await adopted.claim("store", 9)
    assert {"1", "2"} == {entry.message.message_id for entry in entries}
    assert all([await adopted.intact(entry) for entry in entries])
    adopted.release(entries[0])
    assert [entries[0].entry_id] == [entry.entry_id for entry in await adopted.claim("store", 9)]
    assert all([await adopted.settle(entry, Delivered()) for entry in entries])
    assert {"1", "2"} == await names(adopted, Selection(state=State.DELIVERED))


async def test_order_across_spools(adopted: Spool) -> None:
    """A message goes where others of its key wait, so that it cannot overtake them."""
    for number in (1, 2):
        await commit(adopted, b"new", f"new {number}", Plan(("store",), f"k{number}"))
    for expected in ({"1", "2"}, {"new 1", "new 2"}):
        entries = await adopted.claim("store", 9)
        assert expected == {entry.message.message_id for entry in entries}
        await asyncio.gather(*(adopted.settle(entry, Delivered()) for entry in entries))


async def test_order_of_an_identity_across_spools(adopted: Spool) -> None:
    """A message goes where others of its identity wait, whatever its key, so that it cannot overtake them."""
    for number in (1, 2):
        await commit(adopted, b"new", f"new {number}", Plan(("store",), None, f"i{number}"))
    for expected in ({"1", "2"}, {"new 1", "new 2"}):
        entries = await adopted.claim("store", 9)
        assert expected == {entry.message.message_id for entry in entries}
        await asyncio.gather(*(adopted.settle(entry, Delivered()) for entry in entries))


async def test_another_destination_across_spools(adopted: Spool) -> None:
    """What an adopted spool holds for one destination is queued for the other one only."""
    for number in (1, 2):
        plan = Plan(("store", "other"), None, f"i{number}", 3600.0)
        again = await commit(adopted, LARGE, f"again {number}", plan)
        assert (False, {"store": State.WAITING}) == (again.duplicate, again.earlier)
    found = [{entry.message.message_id for entry in await adopted.claim(name, 9)} for name in ("store", "other")]
    assert [{"1", "2"}, {"again 1", "again 2"}] == found


async def test_the_last_content_across_spools(adopted: Spool, clock: FakeClock) -> None:
    """Of A, B and A again the last is new, in whichever spools the first two are."""
    for entry in await adopted.claim("store", 9):
        await adopted.settle(entry, Delivered())
    for number in (1, 2):
        plan = Plan(("store",), None, f"i{number}", 3600.0)
        for data in (b"other", LARGE):
            clock.now += 1
            assert not (await commit(adopted, data, plan=plan)).duplicate
        assert (await commit(adopted, LARGE, plan=plan)).duplicate


async def test_the_last_content_after_a_clock_was_set_back(tmp_path: Path, clock: FakeClock) -> None:
    """Of A, B and A again the last is new, also where the spool of the first A reads a later hour than that of B."""
    plan = Plan(("store",), None, "sender|C1", 86400.0)
    async with AsyncExitStack() as stack:
        async with open_spool(tmp_path, SETTINGS, clock=clock) as old:
            await commit(old, b"A", plan=plan)
            await old.settle(await claim_one(old), Delivered())
            clock.now -= 3600
            spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, clock=clock))
        await until_adopted(spool)
        for data in (b"B", b"A"):
            clock.now += 1
            assert not (await commit(spool, data, plan=plan)).duplicate
            await spool.settle(await claim_one(spool), Delivered())


async def test_probes_take_turns(adopted: Spool) -> None:
    """Probes go to each spool in turn, whatever other destinations do: what one holds does not stand for all."""
    found = []
    for _ in range(2):
        await adopted.claim("other", 1, probe=True)
        (entry,) = await adopted.claim("store", 1, probe=True)
        found.append(entry.message.message_id)
        adopted.release(entry)
    assert {"1", "2"} == set(found)


async def test_duplicates_across_spools(adopted: Spool, tmp_path: Path) -> None:
    """What an adopted spool has acknowledged is known when it is sent again, and is not kept twice."""
    for number in (1, 2):
        assert (await commit(adopted, LARGE, "again", Plan(("store",), None, f"i{number}", 3600.0))).duplicate
    assert 2 == len(files_in(tmp_path, "spool/*/bodies/*"))


async def test_a_place_is_known_with_the_outcome(adopted: Spool) -> None:
    """Where a message is looked for in several spools, the next one waits until this one can be found."""
    placed: list[bool] = []
    message = replace(make_message(b"MSH|9", "m9"), placed=lambda: placed.append(True))
    assert isinstance(await adopted.commit(message, Plan(("store",), "sender")), Committed)
    assert [] == placed


async def test_sums_and_pages(adopted: Spool) -> None:
    """Operators see all spools as one."""
    (total,) = [total for total in await adopted.totals() if total.count]
    assert (2, 2 * len(LARGE)) == (total.count, total.size)
    first = await adopted.find(Selection(), None, 1)
    second = await adopted.find(Selection(), first.next, 1)
    assert {"1", "2"} == {record.message_id for record in (*first.records, *second.records)}
    assert None is second.next
    assert first.records[0] == await adopted.get(first.records[0].entry_id)
    assert 2 == await adopted.discard(Selection(), "useless")


async def test_waiting_on_all(adopted: Spool) -> None:
    """Work in any of the spools ends the wait."""
    entries = await adopted.claim("store", 9)
    for entry in entries:
        assert [] == await adopted.claim("store", 9)
        waiting = asyncio.create_task(adopted.wait_for_work("store", 20.0))
        await asyncio.sleep(0)
        adopted.release(entry)
        await asyncio.wait_for(waiting, 10.0)
        assert [entry.entry_id] == [again.entry_id for again in await adopted.claim("store", 9)]


async def test_purge(adopted: Spool, clock: FakeClock) -> None:
    """Records are removed from all spools."""
    await adopted.discard(Selection(), "useless")
    clock.now += 8 * 86400
    assert 2 == await adopted.purge()


async def test_one_that_cannot_be_read_does_not_hold_up_the_others(adopted: Spool) -> None:
    """What the others hold is handed out; the error is raised where they hold nothing."""
    first = next(iter(adopted._parts.values()))  # type: ignore[attr-defined]

    async def fail(*_: object, **__: object) -> None:
        raise SpoolError("the spool cannot be read")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first.claims, "claim", fail)
        assert 1 == len(await adopted.claim("store", 9))
        with pytest.raises(SpoolError):
            await adopted.claim("store", 9)
    assert 1 == len(await adopted.claim("store", 9))


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), asyncio.CancelledError()], ids=repr)
async def test_what_was_handed_out_comes_back_where_a_claim_fails(adopted: Spool, error: BaseException) -> None:
    """Whatever ends a claim, what the spools before had handed out to it is handed out again."""
    last = next(iter(adopted._parts.values()))  # type: ignore[attr-defined]

    async def fail(*_: object, **__: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(last.claims, "claim", fail)
        with pytest.raises(type(error)):
            await adopted.claim("store", 9)
    assert 2 == len(await adopted.claim("store", 9))


@asynccontextmanager
async def succeeding(
    data_dir: Path, clock: FakeClock, before: Sequence[Plan], after: Sequence[Plan], pause: float = 0.0
) -> AsyncIterator[Spool]:
    """Open the spool of a process that has adopted its predecessor's.

    That committed *before*, and its store was down for *pause* seconds; meanwhile the new one committed *after*.
    """
    async with AsyncExitStack() as stack:
        async with open_spool(data_dir, SETTINGS, clock=clock) as old:
            for number, plan in enumerate(before):
                await commit(old, message_id=f"old {number}", plan=plan)
            if pause:
                await old.settle(await claim_one(old), RetryLater("down", pause))
            spool = await stack.enter_async_context(open_spool(data_dir, SETTINGS, clock=clock))
            clock.now += 1
            for number, plan in enumerate(after):
                await commit(spool, message_id=f"new {number}", plan=plan)
        await until_adopted(spool)
        yield spool


async def claimed(spool: Spool, limit: int = 9) -> list[str]:
    """Claim and return the names of the messages."""
    return [entry.message.message_id for entry in await spool.claim("store", limit)]


NAMED, KEYED = Plan(("store",), None, "sender|C1"), Plan(("store",), "patient|1")
BOTH = Plan(("store",), "patient|1", "sender|C1")
IN_TURN = {"identity": (NAMED, NAMED), "key": (KEYED, KEYED), "one of both": (NAMED, BOTH), "the other": (BOTH, KEYED)}


@pytest.mark.parametrize(("before", "after"), IN_TURN.values(), ids=IN_TURN)
async def test_a_correction_waits_for_the_original(tmp_path: Path, clock: FakeClock, before: Plan, after: Plan) -> None:
    """What a successor took waits for what its predecessor has of the same key or identity, which is older."""
    async with succeeding(tmp_path, clock, [before], [after]) as spool:
        entry = await claim_one(spool)
        assert ("old 0", []) == (entry.message.message_id, await claimed(spool))
        waiting = asyncio.create_task(spool.wait_for_work("store", 60.0))
        await spool.settle(entry, Delivered())
        await asyncio.wait_for(waiting, 30)
        assert ["new 0"] == await claimed(spool)


async def test_a_correction_waits_while_the_store_is_down(tmp_path: Path, clock: FakeClock) -> None:
    """It waits as long as the original pauses, and the wait for work does not spin meanwhile."""
    async with succeeding(tmp_path, clock, [NAMED], [NAMED], pause=30.0) as spool:
        assert [] == await claimed(spool)
        waiting = asyncio.create_task(spool.wait_for_work("store", 60.0))
        await asyncio.wait([waiting], timeout=0.1)
        assert not waiting.done()
        waiting.cancel()
        clock.now += 31
        assert ["old 0"] == await claimed(spool)


async def test_the_correction_is_under_way(tmp_path: Path, clock: FakeClock) -> None:
    """Where the newer one was handed out before the older was seen, the older is not delivered beside it."""
    async with AsyncExitStack() as stack:
        async with open_spool(tmp_path, SETTINGS, clock=clock) as old:
            await commit(old, message_id="old", plan=NAMED)
            spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS, clock=clock))
            await commit(spool, message_id="new", plan=NAMED)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Neighbours, "behind", lambda *_: set())
                entry = await claim_one(spool)
        await until_adopted(spool)
        assert [] == await claimed(spool)
        await spool.settle(entry, Delivered())
        assert ["old"] == await claimed(spool)


async def test_what_waits_for_nobody_is_found_behind_what_does(tmp_path: Path, clock: FakeClock) -> None:
    """However many entries wait for those of another spool, the one after them is handed out."""
    plans = [Plan(("store",), f"patient|{number}") for number in range(200)]
    async with succeeding(tmp_path, clock, plans, [*plans, Plan(("store",))]) as spool:
        assert {f"old {number}" for number in range(200)} | {"new 200"} == set(await claimed(spool, 999))


async def test_a_spool_that_cannot_be_read_is_not_waited_for(tmp_path: Path, clock: FakeClock) -> None:
    """What cannot be read cannot be delivered now; nothing waits for it."""

    async def fail(*_: object, **__: object) -> None:
        raise SpoolError("the spool cannot be read")

    async with succeeding(tmp_path, clock, [NAMED], [NAMED]) as spool:
        (adopted,) = spool.adopted  # type: ignore[attr-defined]
        with pytest.MonkeyPatch.context() as patch:
            for method in ("claim", "earliest"):
                patch.setattr(adopted.claims, method, fail)
            assert ["new 0"] == await claimed(spool)


async def test_spools_that_cannot_be_compared(tmp_path: Path, clock: FakeClock) -> None:
    """Spools with secrets of their own, made by an older Hilum, are delivered beside each other."""
    async with succeeding(tmp_path, clock, [NAMED], [NAMED]) as spool:
        (adopted,) = spool.adopted  # type: ignore[attr-defined]
        object.__setattr__(adopted.claims._store, "pseudonyms", Pseudonyms(b"another"))
        assert {"old 0", "new 0"} == set(await claimed(spool))
