"""What an operator may do."""

import asyncio
import threading
from pathlib import Path

import pytest

from gateway.spool import (
    Delivered,
    Operations,
    Parked,
    Plan,
    RetryLater,
    Selection,
    Settlement,
    Spool,
    State,
    Total,
    open_for_operator,
    open_spool,
)
from gateway.spool import operations as module
from gateway.spool.database.reading import operator_queries
from tests.gateway.spool.log.logs import keep_segment
from tests.gateway.spool.spools import (
    LARGE,
    SETTINGS,
    FakeClock,
    body_files,
    claim_one,
    commit,
    folder_of,
    make_message,
    only_record,
)

DAY = 86400


async def fill(spool: Spool, clock: FakeClock) -> None:
    """Leave one message in each state, the one to be discarded for another destination and listener."""
    settlements: dict[str, Settlement] = {
        "delivered": Delivered(),
        "parked": Parked("no"),
        "waiting": RetryLater("down", 60.0),
    }
    for name, settlement in settlements.items():
        await commit(spool, message_id=name)
        await spool.settle(await claim_one(spool), settlement)
        clock.now += 1
    await spool.commit(make_message(message_id="discarded", listener="scanner"), Plan(("other",)))
    await spool.discard(Selection(destination="other"), "useless")


async def found(spool: Operations, selection: Selection) -> list[str]:
    """Return the names of the messages that are found."""
    return [record.message_id for record in (await spool.find(selection)).records]


async def test_find(spool: Spool, clock: FakeClock) -> None:
    """Each filter narrows what is found; all together must match."""
    start = clock.now
    await fill(spool, clock)
    ids = {record.message_id: record.entry_id for record in (await spool.find(Selection())).records}
    table = [
        (Selection(), ["parked", "waiting", "discarded", "delivered"]),
        (Selection(destination="store"), ["parked", "waiting", "delivered"]),
        (Selection(destination="unknown"), []),
        *((Selection(state=state), [str(state)]) for state in State),
        (Selection(listener="scanner"), ["discarded"]),
        (Selection(received_before=start + 1), ["delivered"]),
        (Selection(reason_like="ow"), ["waiting"]),
        (Selection(reason_like="usel"), ["discarded"]),
        (Selection(reason_like="nonsense"), []),
        (Selection(control_id="C-parked"), ["parked"]),
        (Selection(control_id="C-park"), []),
        (Selection(control_id="C-parked", reason_like="down"), []),
        (Selection(sop_instance_uid="C-parked"), []),
        (Selection(entry_ids=frozenset([ids["parked"], "nonsense", "other-1-1"])), ["parked"]),
        (Selection(state=State.WAITING, entry_ids=frozenset([ids["parked"]])), []),
        (Selection(entry_ids=frozenset()), []),
    ]
    for selection, expected in table:
        assert expected == await found(spool, selection)


async def test_a_record(spool: Spool, clock: FakeClock) -> None:
    """A record says what became of an entry, and why."""
    await commit(spool)
    received = clock.now
    clock.now += 5
    await spool.settle(await claim_one(spool), Parked("the store refused it"))
    record = await only_record(spool)
    assert ("m1", "store", "adt", State.PARKED) == (
        record.message_id,
        record.destination,
        record.listener,
        record.state,
    )
    assert ("the store refused it", 1, 5) == (record.reason, record.attempts, record.size)
    assert (received, received + 5, {"control_id": "C-m1"}) == (
        record.received_at,
        record.settled_at,
        record.identifiers,
    )
    assert record == await spool.get(record.entry_id)


async def test_pages(spool: Spool) -> None:
    """Pages follow each other to the end."""
    for number in range(5):
        await commit(spool, message_id=str(number))
    names, after = [], None
    for _ in range(3):
        page = await spool.find(Selection(), after, 2)
        names += [record.message_id for record in page.records]
        after = page.next
    assert (["0", "1", "2", "3", "4"], None) == (names, after)


async def test_no_such_entry(spool: Spool) -> None:
    """What an operator mistypes is nothing, and harms nothing."""
    await commit(spool)
    name = (await only_record(spool)).entry_id.split("-", maxsplit=1)[0]
    for entry_id in ("", "x", "other-1-1", f"{name}-99-1", f"{name}-1-99"):
        assert (None, None) == (await spool.get(entry_id), await spool.open_body(entry_id))
        assert 0 == await spool.discard(Selection(entry_ids=frozenset([entry_id])), "x")


@pytest.mark.parametrize("data", [b"MSH|1", LARGE], ids=["small", "large"])
async def test_open_body(spool: Spool, tmp_path: Path, data: bytes) -> None:
    """A payload can be looked at until it is gone."""
    await commit(spool, data)
    entry_id = (await only_record(spool)).entry_id
    body = await spool.open_body(entry_id)
    assert body is not None
    assert [data] == [chunk async for chunk in body.chunks()]
    await spool.discard(Selection(), "useless")
    assert (None, []) == (await spool.open_body(entry_id), body_files(tmp_path))


async def test_totals(spool: Spool, clock: FakeClock) -> None:
    """The sums tell how many there are, how much they hold, and since when."""
    start = clock.now
    await fill(spool, clock)
    totals = [total for total in await spool.totals() if total.count]
    assert [
        Total("other", State.DISCARDED, 1, 0, start + 3),
        Total("store", State.WAITING, 1, 5, start + 2),
        Total("store", State.PARKED, 1, 5, start + 1),
        Total("store", State.DELIVERED, 1, 0, start),
    ] == totals


async def test_retry(spool: Spool, clock: FakeClock) -> None:
    """What is parked or pauses is ready at once; what was decided stays decided."""
    await fill(spool, clock)
    assert 2 == await spool.retry(Selection())
    assert ["parked", "waiting"] == [entry.message.message_id for entry in await spool.claim("store", 9)]
    assert 0 == await spool.retry(Selection())


async def test_the_newest_first(spool: Spool, clock: FakeClock) -> None:
    """Whatever their state, and page by page as well as at once."""
    await fill(spool, clock)
    names, after = [], None
    for _ in range(4):
        page = await spool.find(Selection(), after, 1, newest=True)
        names += [record.message_id for record in page.records]
        after = page.next
    assert (["discarded", "waiting", "parked", "delivered"], None) == (names, after)


async def test_totals_by_reason(spool: Spool, clock: FakeClock) -> None:
    """What waits and what is parked is summed up by its reason, as far as it is selected."""
    start = clock.now
    await fill(spool, clock)
    await commit(spool, message_id="new")
    parked = Total("store", State.PARKED, 1, 5, start + 1, "no")
    again = Total("store", State.WAITING, 1, 5, start + 2, "down")
    waiting = Total("store", State.WAITING, 1, 5, start + 3)
    ids = {record.message_id: record.entry_id for record in (await spool.find(Selection())).records}
    table: list[tuple[Selection, list[Total]]] = [
        (Selection(), [parked, again, waiting]),
        (Selection(state=State.WAITING), [again, waiting]),
        (Selection(state=State.DELIVERED), []),
        (Selection(destination="other"), []),
        (Selection(listener="scanner"), []),
        (Selection(reason_like="n"), [parked, again]),
        (Selection(received_before=start + 2), [parked]),
        (Selection(control_id="C-new"), [waiting]),
        (Selection(entry_ids=frozenset(ids.values())), [parked, again, waiting]),
        (Selection(entry_ids=frozenset([ids["delivered"], ids["parked"]])), [parked]),
    ]
    for selection, expected in table:
        totals = await spool.totals_by_reason(selection)
        assert expected == sorted(totals, key=lambda each: each.oldest or 0.0), selection


async def test_what_is_kept_of_a_discard(spool: Spool) -> None:
    """Why it was discarded, who did it, and why it had been parked: all are kept with the record, and are found."""
    await commit(spool)
    await spool.settle(await claim_one(spool), Parked('the store said "no"'))
    assert 1 == await spool.discard(Selection(), "sent by hand: Müller's", "alice")
    record = await only_record(spool)
    assert ("sent by hand: Müller's", 'the store said "no"', "alice") == (
        record.reason,
        record.earlier_reason,
        record.discarded_by,
    )
    for text in ('said "no"', "Müller's"):
        assert ["m1"] == await found(spool, Selection(reason_like=text))


async def test_discard(spool: Spool, clock: FakeClock) -> None:
    """What is not decided is given up with the reason; what was decided stays as it is."""
    await fill(spool, clock)
    assert 2 == await spool.discard(Selection(), "the patient was merged")
    reasons = {record.message_id: record.reason for record in (await spool.find(Selection())).records}
    expected = "the patient was merged"
    assert {"delivered": None, "parked": expected, "waiting": expected, "discarded": "useless"} == reasons


async def test_many_in_steps(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision about many is written in steps, so that no commit waits long; none is left out."""
    monkeypatch.setattr(module, "STEP", 3)
    await asyncio.gather(*(commit(spool, message_id=str(n), plan=Plan(("a", "b"), "k")) for n in range(10)))
    assert 20 == await spool.discard(Selection(), "all of it")
    assert 20 == len(await found(spool, Selection(state=State.DISCARDED)))


async def test_purge(spool: Spool, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of what was decided go when their time has passed; the others never do."""
    monkeypatch.setattr(module, "STEP", 1)
    await fill(spool, clock)
    clock.now += 7 * DAY - 10
    assert 0 == await spool.purge()
    clock.now += 20
    assert 2 == await spool.purge()
    assert ["parked", "waiting"] == await found(spool, Selection())


async def test_beside_the_daemon(spool: Spool, tmp_path: Path) -> None:
    """Another process sees what waits and can decide, while the daemon goes on."""
    await commit(spool, LARGE)
    async with open_for_operator(tmp_path, SETTINGS) as operations:
        assert ["m1"] == await found(operations, Selection(state=State.WAITING))
        assert 1 == await operations.discard(Selection(), "useless")
    assert ([], []) == (await spool.claim("store", 9), body_files(tmp_path))
    await commit(spool, message_id="m2")


async def test_a_decision_beside_the_daemon_makes_room(tmp_path: Path) -> None:
    """When an operator in another process discards what filled the spool, messages are taken again at once."""
    settings = SETTINGS.model_copy(update={"max_bytes": 5})
    async with open_spool(tmp_path, settings) as spool:
        await commit(spool)
        async with open_for_operator(tmp_path, settings) as operations:
            await operations.discard(Selection(), "useless")
        await commit(spool)


async def test_when_it_is_due(spool: Spool, clock: FakeClock) -> None:
    """The record of a message that was put off says when it is tried again; no other has such a time."""
    await fill(spool, clock)
    due = {record.message_id: record.due_at for record in (await spool.find(Selection())).records}
    assert {"waiting": clock.now - 1 + 60.0, "delivered": None, "parked": None, "discarded": None} == due


async def test_a_long_list_does_not_hold_up_the_sums(spool: Spool) -> None:
    """While a list is read, however long that takes, the sums of /metrics are told."""
    await commit(spool)
    entered, go_on = threading.Event(), threading.Event()

    def slowly(record: tuple[object, ...]) -> object:
        entered.set()
        go_on.wait(30)
        return real(record)

    real = operator_queries._record
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operator_queries, "_record", slowly)
        listing = asyncio.create_task(spool.find(Selection()))
        await asyncio.to_thread(entered.wait, 30)
        try:
            totals = await asyncio.wait_for(spool.totals(), 20)
        finally:
            go_on.set()
        assert 1 == len((await listing).records)
    assert 1 == sum(total.count for total in totals)


async def test_a_kept_segment_is_something(spool: Spool, tmp_path: Path) -> None:
    """A spool is not empty while its log has a damaged segment, which may be all that is left of a message."""
    (part,) = spool._parts.values()  # type: ignore[attr-defined]
    assert await part.operations.is_empty()
    keep_segment(folder_of(tmp_path))
    assert not await part.operations.is_empty()
