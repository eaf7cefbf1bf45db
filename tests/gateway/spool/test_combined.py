"""Several spools behind one interface."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.spool import Committed, Delivered, Plan, Selection, Spool, State, open_spool
from tests.gateway.spool.spools import LARGE, SETTINGS, FakeClock, commit, files_in, make_message

PLAN = Plan(("store",), "sender", "sender|C1", 3600.0)


@pytest.fixture
async def adopted(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Spool]:
    """Open the spool of a process that adopts another's; each holds a message, "1" and "2", of different keys."""
    async with AsyncExitStack() as stack:
        two = [await stack.enter_async_context(open_spool(tmp_path, SETTINGS, 2, clock)) for _ in range(2)]
        for number, spool in enumerate(two, 1):
            await commit(spool, LARGE, str(number), Plan(("store",), f"k{number}", f"i{number}", 3600.0))
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        yield spool


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
