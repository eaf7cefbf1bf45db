"""Messages leave the spool concurrently, in order for each ordering key, and each is settled once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.flow import dispatch
from gateway.flow.breaker import Breaker
from gateway.flow.dispatch import Batch, Dispatcher
from gateway.flow.retry import Backoff
from gateway.flow.settlement import RetryPolicy
from gateway.spool.interface import Entry, Plan, RetryLater, Selection, Spool, SpoolError, State
from gateway.spool.opening import open_spool
from gateway.spool.settings import SpoolSettings
from gateway.telemetry.metrics import Metrics

AT_ONCE = RetryPolicy(backoff=Backoff(first=0.0, ceiling=0.0), max_own_failures=None)
FEW = RetryPolicy(backoff=Backoff(first=0.0, ceiling=0.0), max_own_failures=3)
HOLDING = RetryPolicy(on_refused="park_key")
SETTINGS = SpoolSettings(min_free_bytes=0)


class Store:
    """Answers by the message's payload; remembers what it got and how much of it at once."""

    name = "store"

    def __init__(self, answer: Callable[[bytes], Outcome] = lambda _: Stored()) -> None:
        self.answer = answer
        self.received: list[bytes] = []
        self.requests: list[list[bytes]] = []
        self.at_once = self.most_at_once = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def deliver(self, message: Message) -> Outcome:
        """Take one message."""
        return (await self.deliver_many([message]))[0]

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Take several in one request."""
        payloads = [b"".join([bytes(chunk) async for chunk in each.body.chunks()]) for each in messages]
        self.requests.append(payloads)
        self.received += payloads
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.go_on.wait()
        await asyncio.sleep(0)
        self.at_once -= 1
        return [self.answer(payload) for payload in payloads]

    async def probe(self) -> str | None:
        """Return that the store can be reached."""
        return None


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    """Open a spool."""
    async with open_spool(tmp_path, SETTINGS) as opened:
        yield opened


async def put(spool: Spool, payload: bytes, key: str | None = None) -> None:
    """Commit a message."""
    message = Message(payload.decode(), WholeBody(payload), {"listener": "in", "protocol": "mllp"}, {})
    await spool.commit(message, Plan(("store",), key))


@asynccontextmanager
async def dispatching(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Run *dispatcher* until the block ends."""
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until_settled(spool: Spool, count: int) -> dict[State, int]:
    """Wait until *count* messages are in a final state; return how many in which."""
    async with asyncio.timeout(60):
        while True:
            found = {total.state: total.count for total in await spool.totals() if total.count}
            if sum(number for state, number in found.items() if state is not State.WAITING) >= count:
                return found
            await asyncio.sleep(0.01)


def dispatcher(spool: Spool, store: Store, retry_policy: RetryPolicy = AT_ONCE, **options: object) -> Dispatcher:
    """Return a dispatcher with room for four requests."""
    return Dispatcher(spool, store, 4, retry_policy, Metrics().destination("store"), **options)  # type: ignore[arg-type]


async def test_unordered_messages_are_delivered_at_once(spool: Spool) -> None:
    """Messages without a key go out together, up to the concurrency."""
    store = Store()
    store.go_on.clear()
    for number in range(10):
        await put(spool, b"%d" % number)
    async with dispatching(dispatcher(spool, store)):
        async with asyncio.timeout(60):
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


async def test_bug_parks_and_does_not_block(spool: Spool) -> None:
    """A destination that raises parks that message; the next one is delivered."""

    def answer(payload: bytes) -> Outcome:
        if payload == b"0":
            raise RuntimeError("DOE^JANE")
        return Stored()

    for number in range(2):
        await put(spool, b"%d" % number, key="k")
    async with dispatching(dispatcher(spool, Store(answer))):
        assert {State.DELIVERED: 1, State.PARKED: 1} == await until_settled(spool, 2)


def fail(_payload: bytes) -> Outcome:
    """Answer as a destination with a bug does."""
    raise RuntimeError


async def test_park_key_holds_after_a_bug(spool: Spool) -> None:
    """With park_key, messages of the key wait behind one that met an internal error, and others go on."""
    await put(spool, b"0", key="k")
    await put(spool, b"1", key="k")
    await put(spool, b"2")
    store = Store(lambda payload: fail(payload) if payload == b"0" else Stored())
    async with dispatching(dispatcher(spool, store, HOLDING)):
        assert {State.PARKED: 1, State.DELIVERED: 1, State.WAITING: 1} == await until_settled(spool, 2)
    assert [b"0", b"2"] == sorted(store.received)


async def test_park_key_holds_after_damage(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With park_key, messages of the key wait behind one whose payload is damaged, and others go on."""
    await put(spool, b"0", key="k")
    await put(spool, b"1", key="k")
    await put(spool, b"2")
    monkeypatch.setattr(spool, "intact", is_not_the_first)
    store = Store()
    async with dispatching(dispatcher(spool, store, HOLDING)):
        assert {State.PARKED: 1, State.DELIVERED: 1, State.WAITING: 1} == await until_settled(spool, 2)
    assert [b"2"] == store.received


async def is_not_the_first(entry: Entry) -> bool:
    """Say that the first message is damaged."""
    return entry.message.message_id != "0"


async def test_dead_store_is_probed(spool: Spool) -> None:
    """After failures in a row one message at a time is tried, until one gets through."""
    down = True
    store = Store(lambda _: Unavailable("down") if down else Stored())
    for number in range(20):
        await put(spool, b"%d" % number)
    async with dispatching(dispatcher(spool, store, breaker=Breaker(threshold=4, first=0.05, ceiling=0.05))):
        async with asyncio.timeout(60):
            while len(store.requests) < 10:
                await asyncio.sleep(0.01)
        store.most_at_once = 0
        async with asyncio.timeout(60):
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


ODD = Unavailable("odd", maybe_stored=True, outlook=Outlook.DOUBTFUL)
MAY_BE_STORED = "given up after 5 doubtful replies, it may be stored: odd"


async def reasons(spool: Spool) -> list[str | None]:
    """Return why the parked messages are parked."""
    return [each.reason for each in (await spool.find(Selection(state=State.PARKED))).records]


async def test_doubtful_reply_is_not_asked_for_for_ever(spool: Spool) -> None:
    """A message whose replies leave open what became of it is posted five times, then parked as perhaps stored."""
    store = Store(lambda _: ODD)
    await put(spool, b"odd")
    async with dispatching(dispatcher(spool, store, breaker=Breaker(first=0.01, ceiling=0.01))):
        assert {State.PARKED: 1} == await until_settled(spool, 1)
    assert 5 == len(store.received)
    assert [MAY_BE_STORED] == await reasons(spool)


async def test_doubtful_replies_are_counted_over_a_restart(spool: Spool) -> None:
    """A new process continues the count of doubtful replies of the previous one."""
    store = Store(lambda _: ODD)
    await put(spool, b"odd")
    for _ in range(3):
        (entry,) = await spool.claim("store", 1)
        assert entry.reason in (None, "odd")
        await spool.settle(entry, RetryLater("odd", 0.0))
    async with dispatching(dispatcher(spool, store, breaker=Breaker(first=0.01, ceiling=0.01))):
        assert {State.PARKED: 1} == await until_settled(spool, 1)
    assert 2 == len(store.received)
    assert [MAY_BE_STORED] == await reasons(spool)


async def test_message_that_alone_fails_is_parked(spool: Spool) -> None:
    """A message that fails while others are stored is parked with the reason of its replies; others do not wait."""
    store = Store(lambda payload: Unavailable("HTTP 500") if payload == b"poison" else Stored())
    await put(spool, b"poison")
    async with dispatching(dispatcher(spool, store, FEW)):
        for number in range(200):
            await put(spool, b"%d" % number)
        assert {State.PARKED: 1, State.DELIVERED: 200} == await until_settled(spool, 201)
    assert 3 <= store.received.count(b"poison")
    assert ["given up after 3 equal replies while others were taken: HTTP 500"] == await reasons(spool)


async def test_nothing_is_parked_while_nobody_is_taken(spool: Spool) -> None:
    """When a store that failed for every message recovers, it gets all of them, however often each has failed."""
    down = True
    store = Store(lambda _: Unavailable("HTTP 500") if down else Stored())
    for number in range(5):
        await put(spool, b"%d" % number)
    async with dispatching(dispatcher(spool, store, FEW, breaker=Breaker(first=0.01, ceiling=0.01))):
        async with asyncio.timeout(60):
            while len(store.received) < 40:
                await asyncio.sleep(0.01)
        down = False
        assert {State.DELIVERED: 5} == await until_settled(spool, 5)


async def test_refusal_that_is_called_temporary(spool: Spool) -> None:
    """What the store itself calls temporary is tried again, and counts as a failure of the store."""
    answers = iter([Refused("locked", outlook=Outlook.TEMPORARY)] * 2)
    store, breaker = Store(lambda _: next(answers, Stored())), Breaker(threshold=1, first=0.01, ceiling=0.01)
    await put(spool, b"locked")
    async with dispatching(dispatcher(spool, store, breaker=breaker)):
        assert {State.DELIVERED: 1} == await until_settled(spool, 1)
    assert (3, False) == (len(store.received), breaker.is_open)


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
    async with asyncio.timeout(60):
        while not store.received:
            await asyncio.sleep(0)
    task.cancel()
    first.cut_off()
    await asyncio.wait([task])
    store.go_on.set()
    async with dispatching(dispatcher(spool, store)):
        assert {State.DELIVERED: 1} == await until_settled(spool, 1)
    assert [b"0", b"0"] == store.received


async def test_bug_parks_one_message_of_a_batch(spool: Spool) -> None:
    """If one message of a request causes an exception, only it is parked: the messages are sent again one by one."""

    def answer(payload: bytes) -> Outcome:
        return fail(payload) if payload == b"2" else Stored()

    for number in range(4):
        await put(spool, b"%d" % number)
    async with dispatching(dispatcher(spool, Store(answer), batch=Batch(most=4, octets=100, wait=0.01))):
        assert {State.DELIVERED: 3, State.PARKED: 1} == await until_settled(spool, 4)
    (parked,) = (await spool.find(Selection(state=State.PARKED))).records
    assert "2" == parked.message_id


async def test_failed_messages_are_tried_alone(spool: Spool) -> None:
    """A message that has failed before is sent in its own request, so that it cannot make others fail again."""
    failures = iter([Unavailable("down")] * 4)
    store = Store(lambda _: next(failures, Stored()))
    for number in range(4):
        await put(spool, b"%d" % number)
    async with dispatching(dispatcher(spool, store, batch=Batch(most=4, octets=100, wait=0.01))):
        assert {State.DELIVERED: 4} == await until_settled(spool, 4)
    assert [4, 1, 1, 1, 1] == [len(request) for request in store.requests]


async def test_damaged_payload_is_parked(tmp_path: Path) -> None:
    """A message with a damaged payload is parked with that reason, and never sent."""
    store = Store()
    async with open_spool(tmp_path, SpoolSettings(min_free_bytes=0, inline_bytes=0)) as spool:
        await put(spool, b"0")
        await put(spool, b"1")
        bodies = [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"0"]
        bodies[0].write_bytes(b"2")
        async with dispatching(dispatcher(spool, store)):
            assert {State.DELIVERED: 1, State.PARKED: 1} == await until_settled(spool, 2)
    assert [b"1"] == store.received


async def test_unreadable_payload_waits(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message whose payload cannot be read now is neither sent nor parked, and others are delivered."""

    async def intact(entry: Entry) -> bool:
        if entry.message.message_id == "0":
            raise SpoolError("too many open files")
        return True

    monkeypatch.setattr(spool, "intact", intact)
    store = Store()
    await put(spool, b"0")
    await put(spool, b"1")
    async with dispatching(dispatcher(spool, store)):
        assert {State.DELIVERED: 1, State.WAITING: 1} == await until_settled(spool, 1)
    assert [b"1"] == store.received


async def test_a_stepped_clock_gives_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine's clock that is set a year ahead makes no message older than max_age."""
    answers = iter([Unavailable("down")])
    async with open_spool(tmp_path, SETTINGS) as spool:
        await put(spool, b"0")
        wall = time.time
        monkeypatch.setattr(time, "time", lambda: wall() + 366 * 86400)
        store = Store(lambda _: next(answers, Stored()))
        async with dispatching(dispatcher(spool, store, RetryPolicy(max_age=3600, backoff=AT_ONCE.backoff))):
            assert {State.DELIVERED: 1} == await until_settled(spool, 1)


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


async def test_edges_of_a_destination(spool: Spool) -> None:
    """An unavailable destination is one line, with the waiting messages and the next try; its recovery is another."""
    answers: list[Outcome] = [Unavailable("connection refused")] * 4
    store = Store(lambda _: answers.pop() if answers else Stored())
    for number in range(3):
        await put(spool, str(number).encode())
    breaker = Breaker(threshold=2, first=0.02)
    with capture_logs() as logs:
        async with dispatching(Dispatcher(spool, store, 1, AT_ONCE, Metrics().destination("store"), breaker=breaker)):
            await until_settled(spool, 3)
    edges = [line for line in logs if line["event"] in ("destination_unavailable", "destination_recovered")]
    assert ["destination_unavailable", "destination_recovered"] == [line["event"] for line in edges]
    away, back = edges
    assert ("connection refused", 3, 1) == (away["reason"], away["waiting"], back["delivered"])
    assert 0 < away["next_try_seconds"] <= 0.02
    assert 3 == back["waiting"]


async def test_steps_are_not_the_destination(spool: Spool) -> None:
    """The failures and refusals of steps make no destination unavailable, and none available again."""
    failed, refused = Unavailable("step s: no table", by_step=True), Refused("step s: no", by_step=True)
    answers: list[Outcome] = [failed, failed, failed, Unavailable("down"), Unavailable("down"), refused, Stored()]
    store = Store(lambda _: answers.pop(0))
    for number in range(2):
        await put(spool, str(number).encode())
    breaker = Breaker(threshold=2, first=0.02)
    with capture_logs() as logs:
        async with dispatching(Dispatcher(spool, store, 1, AT_ONCE, Metrics().destination("store"), breaker=breaker)):
            await until_settled(spool, 2)
    edges = [line for line in logs if line["event"] in ("destination_unavailable", "destination_recovered")]
    assert [("destination_unavailable", "down", None), ("destination_recovered", None, 1)] == [
        (line["event"], line.get("reason"), line.get("delivered")) for line in edges
    ]
