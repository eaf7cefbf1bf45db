"""What an operator sees of several spools at once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.spool import (
    Moved,
    Operations,
    Parked,
    Plan,
    RetryLater,
    Selection,
    State,
    Total,
    combined_operations,
    open_for_operator,
    open_spool,
)
from gateway.spool.combined_operations import add_up, oldest_of, read_place, write_place
from gateway.spool.folders import WorkerIndex
from tests.gateway.spool.spools import SETTINGS, FakeClock, claim_one, commit

BY_STATE = ["m1", "m2", "m6", "m7", "m3", "m4", "m5"]
NEWEST = ["m7", "m6", "m5", "m4", "m3", "m2", "m1"]


@pytest.fixture
async def operations(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Operations]:
    """Open the spools of three workers, to which seven messages came in turn: four were parked, one was put off."""
    async with AsyncExitStack() as stack:
        opening = [open_spool(tmp_path, SETTINGS, WorkerIndex(number, 3), clock) for number in (1, 2, 3)]
        spools = [await stack.enter_async_context(each) for each in opening]
        for number in range(1, 8):
            clock.now += 0 if number == 4 else 1  # the third and the fourth came at the same moment
            spool, destination = spools[number % 3], "waits" if number in (3, 4, 5) else "store"
            await commit(spool, message_id=f"m{number}", plan=Plan((destination,)))
            if destination == "store":
                await spool.settle(await claim_one(spool), Parked("no"))
        (entry,) = await spools[0].claim("waits", 1)
        await spools[0].settle(entry, RetryLater("down", 5.0))
        async with open_for_operator(tmp_path, SETTINGS, clock) as operator:
            yield operator


async def read_pages(operations: Operations, limit: int, *, newest: bool = False) -> list[str]:
    """Return the names of the messages on all pages."""
    names, after = [], None
    while True:
        page = await operations.find(Selection(), after, limit, newest=newest)
        names += [record.message_id for record in page.records]
        if page.next is None:
            return names
        after = page.next


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_order_over_several_workers(operations: Operations, limit: int) -> None:
    """In each state the oldest is first, and with *newest* the latest, whichever worker has it; on pages too."""
    found = await read_pages(operations, limit)
    at_once = await read_pages(operations, 100)
    assert found == at_once
    assert sorted(found[4:6]) == ["m3", "m4"]  # of the same moment: in any order, but always in the same one
    assert BY_STATE == [*found[:4], *sorted(found[4:6]), *found[6:]]
    found = await read_pages(operations, limit, newest=True)
    assert found == await read_pages(operations, 100, newest=True)
    assert NEWEST == [*found[:3], *sorted(found[3:5], reverse=True), *found[5:]]


async def test_a_page_goes_on_where_the_last_one_ended(operations: Operations) -> None:
    """What somebody decides between two pages leaves out none of those that are not decided on."""
    first = await operations.find(Selection(), None, 2)
    assert 2 == await operations.retry(Selection(entry_ids=frozenset(each.entry_id for each in first.records)))
    second = await operations.find(Selection(), first.next, 2)
    assert [["m1", "m2"], ["m6", "m7"]] == [[each.message_id for each in page.records] for page in (first, second)]


async def test_totals_by_reason(operations: Operations, clock: FakeClock) -> None:
    """The sums are those of all spools."""
    start = clock.now - 5
    totals = {
        (each.state, each.reason): (each.count, each.oldest) for each in await operations.totals_by_reason(Selection())
    }
    assert {
        (State.PARKED, "no"): (4, start),
        (State.WAITING, "down"): (1, start + 2),
        (State.WAITING, None): (2, start + 2),
    } == totals


@pytest.mark.parametrize("most", [0, 1, 10_000])
async def test_identifiers(operations: Operations, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """A control ID is found in whichever spool it is, alone and beside other words, however many entries have it."""
    monkeypatch.setattr(combined_operations, "MOST_NARROWED", most)
    (record,) = (await operations.find(Selection(control_id="C-m6"))).records
    other = next(each for each in (await operations.find(Selection())).records if each != record)
    table = [
        (Selection(control_id="C-m6"), 1),
        (Selection(control_id="C-m6", state=State.PARKED), 1),
        (Selection(control_id="C-m6", state=State.WAITING), 0),
        (Selection(control_id="C-m6", entry_ids=frozenset([record.entry_id])), 1),
        (Selection(control_id="C-m6", entry_ids=frozenset([other.entry_id])), 0),
        (Selection(control_id="C-m6", entry_ids=frozenset()), 0),
        (Selection(control_id="C-m6", sop_instance_uid="1.2"), 0),
        (Selection(control_id="C-m9"), 0),
    ]
    for selection, count in table:
        assert count == len((await operations.find(selection)).records), selection
        assert count == sum(each.count for each in await operations.totals_by_reason(selection)), selection
    assert 1 == await operations.retry(Selection(control_id="C-m6"))
    assert Moved(moved=1) == await operations.move(Selection("store", control_id="C-m6"), "waits", {"mllp"})
    assert 1 == await operations.discard(Selection(control_id="C-m6"), "a test")


def test_places() -> None:
    """Where a page ended is an ID, before it the state under which the entry was shown."""
    for state in (None, State.PARKED):
        assert (state, "a-1-1") == read_place(write_place(state, "a-1-1"))
    assert (None, "lost:a-1-1") == read_place("lost:a-1-1")


def test_add_up() -> None:
    """Sums of one destination, state and reason are one."""
    one, other = Total("a", State.PARKED, 1, 2, 5.0, "no"), Total("a", State.PARKED, 3, 4, None, "no")
    third = Total("a", State.PARKED, 1, 1, 1.0, "down")
    assert [Total("a", State.PARKED, 4, 6, 5.0, "no"), third] == add_up([[one], [other, third]])


def test_oldest_of() -> None:
    """The oldest that waits or is parked, for one destination or for any."""
    totals = [
        Total("a", State.WAITING, 1, 1, 5.0),
        Total("b", State.PARKED, 1, 1, 3.0),
        Total("a", State.DELIVERED, 1, 1, 1.0),
    ]
    assert [5.0, 3.0, float("inf")] == [oldest_of(totals, each) for each in ("a", None, "c")]
