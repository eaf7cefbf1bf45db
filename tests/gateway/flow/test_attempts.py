"""What becomes of each message of the spool when it is delivered, and what that shows of the destination."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.contract.journal import Attempted
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored, Unavailable
from gateway.contract.outlook import Outlook
from gateway.flow.availability import Availability
from gateway.flow.batching import Batch
from gateway.flow.breaker import Breaker
from gateway.flow.dispatch import Dispatcher
from gateway.flow.retry import Backoff
from gateway.flow.settlement import RetryPolicy
from gateway.spool.interface import Entry, RetryLater, Selection, Spool, SpoolError, State
from gateway.spool.opening import open_spool
from gateway.spool.settings import SpoolSettings
from gateway.telemetry.metrics import Metrics
from tests.gateway.flow.delivering import (
    AT_ONCE,
    FEW,
    HOLDING,
    SETTINGS,
    Store,
    dispatcher,
    dispatching,
    fail,
    put,
    reasons,
    until_settled,
)
from tests.waiting import until


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


ODD = Unavailable("odd", maybe_stored=True, outlook=Outlook.DOUBTFUL)
MAY_BE_STORED = "given up after 5 doubtful replies, it may be stored: odd"


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
        async with asyncio.timeout(300):
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


class Told(Store):
    """Remembers of each message whether it may be stored already, and whether it comes from the spool."""

    def __init__(self, answer: Callable[[bytes], Outcome] = lambda _: Stored()) -> None:
        super().__init__(answer)
        self.told: list[tuple[bool, bool]] = []

    async def deliver_many(self, messages: Sequence[Message]) -> list[Outcome]:
        """Take note."""
        self.told += [(each.queued, each.maybe_stored) for each in messages]
        return await super().deliver_many(messages)


async def test_tells_of_an_earlier_maybe(spool: Spool) -> None:
    """A destination is told that an earlier attempt may have stored the message, and of no other failure."""
    outcomes: Iterator[Outcome] = iter(
        [Unavailable("down"), Unavailable("hung up", maybe_stored=True), Unavailable("down"), Stored()]
    )
    store = Told(lambda _: next(outcomes))
    await put(spool, b"0")
    async with dispatching(dispatcher(spool, store)):
        await until_settled(spool, 1)
    assert [(True, False), (True, False), (True, True), (True, True)] == store.told


async def test_entries_of_an_earlier_process_are_maybes(tmp_path: Path) -> None:
    """What was committed before the start may have been under way when the process ended."""
    store = Told()
    async with open_spool(tmp_path, SETTINGS) as spool:
        await put(spool, b"0")
    async with open_spool(tmp_path, SETTINGS) as spool, dispatching(dispatcher(spool, store)):
        await until_settled(spool, 1)
        await put(spool, b"1")
        await until_settled(spool, 2)
    assert [(True, True), (True, False)] == store.told


async def test_unanswered_messages_are_given_up(spool: Spool) -> None:
    """A message that gets no answer is parked after so many attempts, and others are delivered meanwhile."""
    hung_up = Unavailable("hung up", maybe_stored=True, outlook=Outlook.BUSY)
    store = Store(lambda payload: hung_up if payload == b"poison" else Stored())
    limited = RetryPolicy(backoff=Backoff(first=0.0, ceiling=0.0), max_unanswered=3)
    await put(spool, b"poison")
    await put(spool, b"good")
    async with dispatching(dispatcher(spool, store, limited)):
        states = await until_settled(spool, 2)
    assert ({State.DELIVERED: 1, State.PARKED: 1}, 3) == (states, store.received.count(b"poison"))
    assert ["given up after 3 attempts without an answer, it may be stored: hung up"] == [
        each for each in await reasons(spool) if each
    ]


async def test_record_of_the_destination(spool: Spool) -> None:
    """Operators see what fails, when it is tried next, and which message fails while others pass."""
    availability = Availability("out", Metrics().destination("out"))
    is_up = False

    def answer(payload: bytes) -> Outcome:
        return Stored() if is_up and payload != b"bad" else Unavailable("it is down")

    await put(spool, b"bad")
    sending = dispatcher(spool, Store(answer), RetryPolicy(backoff=Backoff(first=0.01, ceiling=0.01)))
    sending.share(availability)
    record = availability.record
    async with dispatching(sending):
        await until(lambda: record.next_try is not None)
        assert record.failing is not None
        assert (record.failing["cause"], record.failing["reason"]) == ("unknown", "it is down")
        is_up = True
        await put(spool, b"good")
        await until(lambda: record.delivered == 1 and max(record.seen()["poison"].values(), default=0) > 1)
        assert record.seen()["failing"] is None
        assert record.seen()["passed_since"] == 1


async def test_parked_message_is_no_poison(spool: Spool) -> None:
    """A message that is given up is not told of as one that fails: it is parked."""
    availability = Availability("out", Metrics().destination("out"))
    await put(spool, b"bad")
    await put(spool, b"good")

    def answer(payload: bytes) -> Outcome:
        return Unavailable("no") if payload == b"bad" else Stored()

    store = Store(answer)
    sending = dispatcher(spool, store, RetryPolicy(max_attempts=2, backoff=Backoff(first=0.01, ceiling=0.01)))
    sending.share(availability)
    async with dispatching(sending):
        assert {State.DELIVERED: 1, State.PARKED: 1} == await until_settled(spool, 2)
    assert availability.record.seen()["poison"] == {}


async def test_journal(spool: Spool) -> None:
    """The journal is told of each attempt: stored, tried again, or parked, with Hilum's own sentence."""
    outcomes: Iterator[Outcome] = iter([Unavailable("down"), Stored(), Refused("bad")])
    rows: list[Attempted] = []
    metrics = Metrics()
    metrics.record = lambda row: rows.append(Attempted(*row))  # type: ignore[arg-type]
    for payload in (b"0", b"1"):
        await put(spool, payload, key="k")
    store = Store(lambda _: next(outcomes))
    policy = RetryPolicy(backoff=Backoff(first=0.0, ceiling=0.0))
    async with dispatching(Dispatcher(spool, store, 1, policy, metrics.destination("store"))):
        assert {State.DELIVERED: 1, State.PARKED: 1} == await until_settled(spool, 2)
    assert [("0", "retried", "down", 1), ("0", "stored", "", 2), ("1", "parked", "bad", 1)] == [
        (each.message_id, each.outcome, each.reason, each.attempts) for each in rows
    ]
    assert {("store", 1, "in")} == {(each.destination, each.octets, each.facts["listener"]) for each in rows}
    assert all(0 <= each.seconds < 60 for each in rows)
