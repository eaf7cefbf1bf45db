"""Messages leave the spool concurrently, in order for each ordering key, and each is settled once."""

import asyncio
from typing import cast

import pytest
from structlog.testing import capture_logs

from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Refused, Stored, Unavailable
from gateway.flow import dispatch
from gateway.flow.batching import Batch
from gateway.flow.breaker import Breaker
from gateway.flow.settlement import RetryPolicy
from gateway.spool.interface import Plan, Spool, State
from tests.gateway.flow.delivering import (
    Store,
    dispatcher,
    dispatching,
    put,
    until_settled,
)


async def test_unordered_messages_are_delivered_at_once(spool: Spool) -> None:
    """Messages without a key go out together, up to the concurrency."""
    store = Store()
    store.go_on.clear()
    for number in range(10):
        await put(spool, b"%d" % number)
    async with dispatching(dispatcher(spool, store)):
        async with asyncio.timeout(300):
            while store.at_once < 4:
                await asyncio.sleep(0)
        store.go_on.set()
        assert {State.DELIVERED: 10} == await until_settled(spool, 10)
    assert (4, 10) == (store.most_at_once, len(store.received))


async def test_order_within_a_key(spool: Spool) -> None:
    """Messages of one key are delivered one after another in their order, also when one has to be tried again."""
    failures = iter([Unavailable("down")])
    store = Store(lambda payload: next(failures, Stored()) if payload == b"1" else Stored())
    for number in range(4):
        await put(spool, b"%d" % number, key="k")
    async with dispatching(dispatcher(spool, store)):
        await until_settled(spool, 4)
    assert [b"0", b"1", b"1", b"2", b"3"] == store.received
    assert 1 == store.most_at_once


async def test_poison_does_not_block(spool: Spool) -> None:
    """A refused message is parked with its reason, and those behind it go on."""
    store = Store(lambda payload: Refused("bad") if payload == b"0" else Stored())
    for number in range(3):
        await put(spool, b"%d" % number, key="k")
    async with dispatching(dispatcher(spool, store)):
        assert {State.DELIVERED: 2, State.PARKED: 1} == await until_settled(spool, 3)


async def test_dead_store_is_probed(spool: Spool) -> None:
    """After failures in a row one message at a time is tried, until one gets through."""
    down = True
    store = Store(lambda _: Unavailable("down") if down else Stored())
    for number in range(20):
        await put(spool, b"%d" % number)
    async with dispatching(dispatcher(spool, store, breaker=Breaker(threshold=4, first=0.05, ceiling=0.05))):
        async with asyncio.timeout(300):
            while len(store.requests) < 10:
                await asyncio.sleep(0.01)
        store.most_at_once = 0
        async with asyncio.timeout(300):
            while len(store.requests) < 12:
                await asyncio.sleep(0.01)
        assert 1 == store.most_at_once
        down = False
        assert {State.DELIVERED: 20} == await until_settled(spool, 20)


MANY = {"two": (2, None), "fifty": (50, None), "two, with one key": (2, "peer")}


@pytest.mark.parametrize(("poison", "key"), MANY.values(), ids=MANY)
async def test_poison_does_not_keep_the_breaker_open(spool: Spool, poison: int, key: str | None) -> None:
    """Messages that fail for ever have opened the breaker; all others are delivered all the same, and soon."""
    store = Store(lambda payload: Unavailable("500") if payload.startswith(b"poison") else Stored())
    breaker = Breaker(threshold=5, first=0.01, ceiling=0.2)
    for number in range(poison):
        await put(spool, b"poison%d" % number, key)
    async with dispatching(dispatcher(spool, store, breaker=breaker)):
        async with asyncio.timeout(20):
            while not breaker.is_open:
                await asyncio.sleep(0.01)
        for number in range(294):
            await put(spool, b"%d" % number)
        assert 294 == (await until_settled(spool, 294))[State.DELIVERED]


async def test_probes_do_not_take_one_after_another(spool: Spool) -> None:
    """A hundred messages in a row that fail for ever, tried first, do not make the others wait for a hundred probes."""
    store = Store(lambda payload: Unavailable("500") if payload.startswith(b"poison") else Stored())
    for number in range(100):
        await put(spool, b"poison%d" % number)
    for number in range(200):
        await put(spool, b"%d" % number)
    breaker = Breaker(threshold=5, first=0.01, ceiling=0.2)
    async with dispatching(dispatcher(spool, store, RetryPolicy(), breaker=breaker)):
        assert 200 == (await until_settled(spool, 200))[State.DELIVERED]
    first = next(index for index, payload in enumerate(store.received) if not payload.startswith(b"poison"))
    assert first < 30


async def test_one_instance_is_once_in_a_request(spool: Spool) -> None:
    """Two of one SOP Instance UID, from two spools, do not share a request."""
    for number, uid in enumerate(["1.2", "1.3", "1.2"]):
        message = Message(uid, WholeBody(b"%d" % number), {"listener": "in"}, {"sop_instance_uid": uid})
        await spool.commit(message, Plan(("store",)))
    store = Store()
    async with dispatching(dispatcher(spool, store, batch=Batch(most=4, octets=100, wait=0.01))):
        assert {State.DELIVERED: 3} == await until_settled(spool, 3)
    assert [[b"0", b"1"], [b"2"]] == store.requests


async def test_batches(spool: Spool) -> None:
    """Messages are put together up to the number and the size given, and each has its own outcome."""
    store = Store(lambda payload: Refused("bad") if payload == b"3" else Stored())
    for number in range(10):
        await put(spool, b"%d" % number)
    await put(spool, b"x" * 50)
    async with dispatching(dispatcher(spool, store, batch=Batch(most=4, octets=20, wait=0.01))):
        assert {State.DELIVERED: 10, State.PARKED: 1} == await until_settled(spool, 11)
    assert max(map(len, store.requests)) == 4
    assert [[b"x" * 50]] == [request for request in store.requests if b"x" * 50 in request]


async def test_cut_off_messages_stay(spool: Spool) -> None:
    """A delivery that is cancelled at the end is repeated after the next start."""
    store = Store()
    store.go_on.clear()
    await put(spool, b"0")
    first = dispatcher(spool, store)
    task = asyncio.create_task(first.run())
    async with asyncio.timeout(300):
        while not store.received:
            await asyncio.sleep(0)
    task.cancel()
    first.cut_off()
    await asyncio.wait([task])
    store.go_on.set()
    async with dispatching(dispatcher(spool, store)):
        assert {State.DELIVERED: 1} == await until_settled(spool, 1)
    assert [b"0", b"0"] == store.received


async def test_failed_messages_are_tried_alone(spool: Spool) -> None:
    """A message that has failed before is sent in its own request, so that it cannot make others fail again."""
    failures = iter([Unavailable("down")] * 4)
    store = Store(lambda _: next(failures, Stored()))
    for number in range(4):
        await put(spool, b"%d" % number)
    async with dispatching(dispatcher(spool, store, batch=Batch(most=4, octets=100, wait=0.01))):
        assert {State.DELIVERED: 4} == await until_settled(spool, 4)
    assert [4, 1, 1, 1, 1] == [len(request) for request in store.requests]


async def test_a_batch_that_cannot_be_filled_goes_as_it_is(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while waiting to fill a batch leaves no message claimed and undelivered."""

    async def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(spool, "wait_for_work", fail)
    store = Store()
    await put(spool, b"0")
    async with dispatching(dispatcher(spool, store, batch=Batch(10, 10**6, 0.01))):
        assert {State.DELIVERED: 1} == await until_settled(spool, 1)


async def test_a_wait_that_fails_is_no_loop(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait for work that always fails at once is repeated after a pause, and logged even less often."""
    monkeypatch.setattr(dispatch, "AGAIN_SECONDS", 0.01)
    calls: list[str] = []

    async def fail(*_: object) -> None:
        calls.append("wait")
        raise TypeError

    monkeypatch.setattr(spool, "wait_for_work", fail)
    with capture_logs() as logs:
        async with dispatching(dispatcher(spool, Store())):
            async with asyncio.timeout(30):
                while len(calls) < 20:
                    await asyncio.sleep(0.01)
            await put(spool, b"0")
            await until_settled(spool, 1)
    failed = [each for each in logs if each["event"] == "wait_failed"]
    assert [1, 2, 4, 8, 16] == [each["times"] for each in failed][:5]
    assert {"TypeError"} == {each["reason"] for each in failed}


async def test_a_wait_that_is_cancelled_does_not_end_the_dispatcher(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spool that is closed cancels the wait for it; messages are delivered from the others."""
    waits: list[str] = []

    async def cancelled(*_: object) -> None:
        waits.append("wait")
        await asyncio.sleep(0.01)
        raise asyncio.CancelledError

    monkeypatch.setattr(spool, "wait_for_work", cancelled)
    async with dispatching(dispatcher(spool, Store())):
        async with asyncio.timeout(30):
            while len(waits) < 3:
                await asyncio.sleep(0.01)
        await put(spool, b"0")
        assert {State.DELIVERED: 1} == await until_settled(spool, 1)


async def test_one_wait_for_work_goes_on(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """While deliveries end, the wait for work is neither ended nor begun anew; it ends with the dispatcher."""
    waits: list[str] = []
    begun, store = asyncio.Event(), Store()

    async def wait(*_: object) -> None:
        waits.append("begun")
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            waits.append("ended")

    for number in range(4):
        await put(spool, str(number).encode(), "key")
    monkeypatch.setattr(spool, "wait_for_work", wait)
    async with dispatching(dispatcher(spool, store)):
        await begun.wait()
        assert {State.DELIVERED: 4} == await until_settled(spool, 4)
        assert ["begun"] == waits
    assert ["begun", "ended"] == waits


async def test_a_batch_that_is_given_up_while_it_fills_comes_back(spool: Spool) -> None:
    """A dispatcher that is cancelled while it waits to fill a batch releases the claimed messages."""
    await put(spool, b"0")
    claimed = asyncio.Event()

    class Watched:
        """A spool that signals when the dispatcher waits for more messages."""

        def __getattr__(self, name: str) -> object:
            return getattr(spool, name)

        async def wait_for_work(self, *_: object) -> None:
            claimed.set()
            await asyncio.Event().wait()

    async with dispatching(dispatcher(cast("Spool", Watched()), Store(), batch=Batch(most=4, octets=100, wait=60.0))):
        await asyncio.wait_for(claimed.wait(), 60)
    assert 1 == len(await spool.claim("store", 9))
