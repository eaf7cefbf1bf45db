"""Committing messages."""

import asyncio
import errno
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar, cast

import pytest

from gateway.contract.message import Message
from gateway.contract.outcome import Unavailable
from gateway.spool import Committed, Delivered, Parked, Plan, Selection, Spool, State, open_spool
from gateway.spool.database import schema
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.reader import Reader
from gateway.spool.database.store import Store
from gateway.spool.payloads import files
from tests.gateway.spool.spools import (
    LARGE,
    SETTINGS,
    Chunks,
    FakeClock,
    body_files,
    claim_one,
    commit,
    folder_of,
    make_message,
    only_record,
    payload,
)

T = TypeVar("T")
TWICE = Plan(("store",), "sender", "sender|C1", 60.0)
SIZES = pytest.mark.parametrize("data", [b"MSH|1", LARGE], ids=["small", "large"])


@SIZES
async def test_a_message_comes_out_as_it_went_in(spool: Spool, data: bytes) -> None:
    """Payload, facts, identifiers, name and character set are those that were committed."""
    message = make_message(data)
    assert isinstance(await spool.commit(message, Plan(("store",))), Committed)
    entry = await claim_one(spool)
    assert data == await payload(entry)
    assert (message.message_id, message.facts, message.identifiers, message.charset, len(data)) == (
        entry.message.message_id,
        entry.message.facts,
        entry.message.identifiers,
        entry.message.charset,
        entry.size,
    )


@SIZES
async def test_a_body_still_arriving(spool: Spool, data: bytes) -> None:
    """A body that arrives in pieces is taken whole, and can be replayed."""
    message = Message("m1", Chunks([data[:3], b"", data[3:]]), {}, {})
    assert isinstance(await spool.commit(message, Plan(("store",))), Committed)
    entry = await claim_one(spool)
    assert [data, data] == [await payload(entry) for _ in range(2)]


async def test_a_message_has_its_place_before_its_outcome(spool: Spool) -> None:
    """Who commits the next message as soon as the one before is placed has them delivered in order, large ones too."""
    committing: list[asyncio.Task[Committed | Unavailable]] = []
    for number, data in enumerate([LARGE, b"MSH|1", LARGE, b"MSH|2", b"MSH|3"]):
        placed = asyncio.Event()
        message = replace(make_message(data, f"m{number}"), placed=placed.set)
        committing.append(asyncio.create_task(spool.commit(message, Plan(("store",), "sender"))))
        await placed.wait()
    outcomes = await asyncio.gather(*committing)
    assert all(isinstance(each, Committed) for each in outcomes)
    names = []
    for _ in outcomes:
        entry = await claim_one(spool)
        names.append(entry.message.message_id)
        await spool.settle(entry, Delivered())
    assert ["m0", "m1", "m2", "m3", "m4"] == names


async def test_what_waits_at_the_same_time_costs_few_transactions(spool: Spool) -> None:
    """A hundred messages at once are committed, each with its own number."""
    outcomes = await asyncio.gather(*(commit(spool, message_id=str(n)) for n in range(100)))
    assert 100 == len({outcome.spool_id for outcome in outcomes})


@SIZES
async def test_sent_again(spool: Spool, tmp_path: Path, clock: FakeClock, data: bytes) -> None:
    """The same identity and payload is queued once while the window lasts, also after it was delivered."""
    first = await commit(spool, data, plan=TWICE)
    assert Committed(first.spool_id, True, {"store": State.WAITING}) == await commit(spool, data, "m2", TWICE)
    assert int(data is LARGE) == len(body_files(tmp_path))
    await spool.settle(await claim_one(spool), Delivered())
    clock.now += 59
    assert Committed(first.spool_id, True, {"store": State.DELIVERED}) == await commit(spool, data, "m3", TWICE)
    assert [] == await spool.claim("store", 9)
    clock.now += 2
    assert not (await commit(spool, data, "m4", TWICE)).duplicate


DIFFERENT = {
    "other content": (b"MSH|2", TWICE),
    "other identity": (b"MSH|1", Plan(("store",), "sender", "sender|C2", 60.0)),
    "no identity": (b"MSH|1", Plan(("store",), "sender", None, 60.0)),
    "no window": (b"MSH|1", Plan(("store",), "sender", "sender|C1", 0.0)),
}


@pytest.mark.parametrize(("data", "plan"), DIFFERENT.values(), ids=DIFFERENT)
async def test_not_the_same(spool: Spool, data: bytes, plan: Plan) -> None:
    """A control ID that is used again for something else is a new message."""
    await commit(spool, plan=TWICE)
    assert not (await commit(spool, data, "m2", plan)).duplicate


async def test_sent_again_after_it_was_discarded(spool: Spool) -> None:
    """What somebody gave up may be sent again."""
    await commit(spool, plan=TWICE)
    await spool.discard(Selection(), "wrong patient")
    assert not (await commit(spool, plan=TWICE)).duplicate


@SIZES
async def test_sent_again_to_another_destination(spool: Spool, data: bytes) -> None:
    """A destination that does not have the message gets it, those that have it do not get it again."""
    await commit(spool, data, "m1", replace(TWICE, destinations=("a", "b")))
    await spool.settle(await claim_one(spool, "a"), Delivered())
    again = await commit(spool, data, "m2", replace(TWICE, destinations=("a", "b", "c")))
    assert (False, {"a": State.DELIVERED, "b": State.WAITING}) == (again.duplicate, again.earlier)
    assert [[], ["m1"], ["m2"]] == [[each.message.message_id for each in await spool.claim(name, 9)] for name in "abc"]


async def test_the_first_content_again_after_another(spool: Spool) -> None:
    """Of A, B and A again, the last is new: what the destination has last is B."""
    for number, data in enumerate([b"A", b"B", b"A"]):
        assert not (await commit(spool, data, str(number), TWICE)).duplicate
    assert (await commit(spool, b"A", "3", TWICE)).duplicate


async def test_while_it_waits_it_is_known(spool: Spool, clock: FakeClock) -> None:
    """A message that still waits is a duplicate however long ago it came in."""
    await commit(spool, plan=TWICE)
    clock.now += 86400
    assert (await commit(spool, plan=TWICE)).duplicate


async def test_sent_again_after_it_was_parked(spool: Spool) -> None:
    """What the destination never got is queued again when it is sent again, and what became of it is told."""
    await commit(spool, plan=TWICE)
    await spool.settle(await claim_one(spool), Parked("no"))
    again = await commit(spool, b"MSH|1", "m2", TWICE)
    assert (False, {"store": State.PARKED}) == (again.duplicate, again.earlier)
    assert "m2" == (await claim_one(spool)).message.message_id


async def test_known_by_its_content(spool: Spool) -> None:
    """Where the identity says only who sent it, each content is a message of its own."""
    plan = replace(TWICE, by_content=True)
    found = [(await commit(spool, data, plan=plan)).duplicate for data in (b"A", b"B", b"A", b"B")]
    assert [False, False, True, True] == found


async def test_sent_twice_at_once(spool: Spool) -> None:
    """Two connections that send the same at the same time get one place in the queue."""
    outcomes = await asyncio.gather(commit(spool, plan=TWICE), commit(spool, plan=TWICE))
    assert [False, True] == sorted(outcome.duplicate for outcome in outcomes)


@SIZES
async def test_full_and_room_again(tmp_path: Path, data: bytes) -> None:
    """At the limit messages are turned away, and taken again as soon as one is delivered."""
    settings = SETTINGS.model_copy(update={"max_bytes": len(data)})
    async with open_spool(tmp_path, settings) as spool:
        await commit(spool, data)
        assert Unavailable("the spool is full") == await spool.commit(make_message(b"x"), Plan(("store",)))
        await spool.settle(await claim_one(spool), Delivered())
        await commit(spool, data)


async def test_full_while_a_message_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that moves from the log to the database while the spool is counted again is counted once."""
    recount = Store.recount

    async def recount_and_move(store: Store) -> None:
        async def read(ask: Callable[[Queries], T]) -> T:
            result = await store.read(ask)
            await store.flush()
            return result

        await recount(replace(store, read=cast("Reader", read)))

    monkeypatch.setattr(Store, "recount", recount_and_move)
    async with open_spool(tmp_path, SETTINGS.model_copy(update={"max_bytes": 5})) as spool:
        await commit(spool, b"12345")
        assert Unavailable("the spool is full") == await spool.commit(make_message(b"x"), Plan(("store",)))


async def test_disk_nearly_full(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are turned away before the disk is full, and taken again when there is room."""
    usage = SimpleNamespace(free=3)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _path: usage)
        assert Unavailable("the spool's disk is nearly full") == await spool.commit(make_message(), Plan(("store",)))
        usage.free = 1000
        await commit(spool)


async def test_disk_full_in_a_file(spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up in the middle of a payload keeps none of it."""

    def fail(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_all", fail)
        outcome = await spool.commit(make_message(LARGE), Plan(("store",)))
    assert Unavailable("the spool's disk is full") == outcome
    assert ([], ()) == (body_files(tmp_path), (await spool.find(Selection())).records)
    await commit(spool, LARGE)


@SIZES
async def test_disk_full_in_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """A database that cannot grow: what was acknowledged before that showed is kept, and nothing else; it recovers."""
    writers = catch_writers(monkeypatch)
    async with open_spool(tmp_path, SETTINGS.model_copy(update={"inline_bytes": 100})) as spool:
        (pages,) = writers[0].execute("PRAGMA page_count").fetchone()
        writers[0].execute(f"PRAGMA max_page_count = {pages}")
        outcomes = [await spool.commit(make_message(data, str(n)), Plan(("store",))) for n in range(60)]
        await spool.find(Selection())  # all that was acknowledged is to be put into the database then
        outcomes += [await spool.commit(make_message(data, str(n)), Plan(("store",))) for n in range(60, 120)]
        kept = [str(n) for n, outcome in enumerate(outcomes) if isinstance(outcome, Committed)]
        assert Unavailable("the spool's disk is full") == outcomes[-1]
        assert len(kept) == len(body_files(tmp_path)) or data is not LARGE
        writers[0].execute("PRAGMA max_page_count = 100000")
        assert kept == [record.message_id for record in (await spool.find(Selection(), limit=1000)).records]
        await commit(spool, data)


@SIZES
async def test_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """A program that keeps the database locked costs a bounded wait, then messages are turned away."""
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    async with open_spool(tmp_path, SETTINGS) as spool:
        with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            outcome = await spool.commit(make_message(data), Plan(("store",)))
            assert Unavailable("another program keeps the spool locked") == outcome
            assert [] == body_files(tmp_path)
        await commit(spool, data)


async def test_the_body_fails(spool: Spool, tmp_path: Path) -> None:
    """A peer that is lost in the middle leaves nothing behind."""
    with pytest.raises(ConnectionResetError):
        await spool.commit(Message("m1", Chunks([LARGE, ConnectionResetError()]), {}, {}), Plan(("store",)))
    assert ([], ()) == (body_files(tmp_path), (await spool.find(Selection())).records)


async def test_cancelled_after_the_body(tmp_path: Path, clock: FakeClock) -> None:
    """Cancelled while it is written, a message is there whole or not at all; its file is not left alone."""
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        for delay in range(40):
            task = asyncio.create_task(spool.commit(make_message(LARGE, str(delay)), Plan(("store",))))
            for _ in range(delay):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        entries = await spool.claim("store", 100)
        assert all([await spool.intact(entry) for entry in entries])
        assert len(entries) == len(body_files(tmp_path))


async def test_no_name_of_a_patient_is_kept(tmp_path: Path, spool: Spool) -> None:
    """Key and identity are in no file of the spool."""
    await commit(spool, b"payload", plan=Plan(("store",), "PID-3:4711", "sender|C1", 60.0))
    assert None is not (await only_record(spool)).received_at
    content = b"".join(path.read_bytes() for path in folder_of(tmp_path).glob("spool.db*"))
    assert (True, False, False) == (b"payload" in content, b"4711" in content, b"sender|C1" in content)


async def test_a_delivered_payload_is_gone(tmp_path: Path, clock: FakeClock) -> None:
    """After its delivery no octet of a payload is in the database file."""
    secret = b"PID|1||4711"
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        await commit(spool, secret)
        await spool.settle(await claim_one(spool), Delivered())
    assert secret not in (folder_of(tmp_path) / "spool.db").read_bytes()


def catch_writers(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Return the list of connections that will be opened, the writer's first."""
    connections: list[sqlite3.Connection] = []
    original: Callable[[Path, int], sqlite3.Connection] = schema.connect

    def connect(path: Path, cache_kib: int) -> sqlite3.Connection:
        connections.append(original(path, cache_kib))
        return connections[-1]

    monkeypatch.setattr("gateway.spool.database.connections.connect", connect)
    return connections
