"""A spool with its log: what is acknowledged from it, handed out from it, and moved from it."""

import asyncio
import errno
import os
import sqlite3
import struct
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.contract.outcome import Unavailable
from gateway.spool import (
    Committed,
    Delivered,
    Parked,
    Plan,
    RetryLater,
    Selection,
    Spool,
    State,
    open_for_operator,
    open_spool,
)
from gateway.spool.beside import Beside
from gateway.spool.database import schema
from gateway.spool.log import emptying, writer
from gateway.spool.log.files import RealDisk, has_records
from gateway.spool.log.window import OVERHEAD
from gateway.spool.log.writer import LoggedWriter
from gateway.spool.payloads import files
from tests.gateway.spool.log.logs import flush, no_room, states
from tests.gateway.spool.spools import (
    KEY,
    LARGE,
    SETTINGS,
    FakeClock,
    body_files,
    claim_one,
    claimed,
    commit,
    folder_of,
    make_message,
    until,
)

KEYED = Plan(("store",), "patient")


@pytest.fixture
async def spool(spool: Spool) -> Spool:
    """Return a spool that has written its clocks down: nothing is moved for that any more."""
    assert [] == await spool.claim("store", 9)
    return spool


async def test_acknowledged_from_the_log(spool: Spool, tmp_path: Path) -> None:
    """A message is in the log and not in the database when it is acknowledged, and is handed out from there."""
    await commit(spool)
    assert (True, []) == (has_records(folder_of(tmp_path)), states(tmp_path))
    assert ["m1"] == await claimed(spool)
    assert [] == states(tmp_path)


async def test_a_claim_that_was_given_back(spool: Spool) -> None:
    """It is handed out again, from the log or from the database."""
    await commit(spool)
    for _ in range(2):
        spool.release(await claim_one(spool))
    entry = await claim_one(spool)
    await flush(spool)
    spool.release(entry)
    assert ["m1"] == await claimed(spool)
    assert [] == await claimed(spool)


async def test_order_over_both(spool: Spool) -> None:
    """What waits in the database goes before what is in the log, and what is in the log waits for it."""
    names = ["1", "2", "3", "4"]
    for name in names[:2]:
        await commit(spool, message_id=name, plan=KEYED)
    await flush(spool)
    for name in names[2:]:
        await commit(spool, message_id=name, plan=KEYED)
    found = []
    for _ in names:
        entry = await claim_one(spool)
        assert [] == await spool.claim("store", 9)
        found.append(entry.message.message_id)
        await spool.settle(entry, Delivered())
    assert names == found


async def test_it_is_told_when_its_turn_comes(spool: Spool) -> None:
    """Who waits for work is woken when what goes before in the database has been delivered."""
    await commit(spool, message_id="1", plan=KEYED)
    await flush(spool)
    entry = await claim_one(spool)
    await commit(spool, message_id="2", plan=KEYED)
    assert [] == await spool.claim("store", 9)
    work = asyncio.create_task(spool.wait_for_work("store", 60.0))
    await spool.settle(entry, Delivered())
    await work
    assert ["2"] == await claimed(spool)


async def test_behind_what_is_parked(spool: Spool) -> None:
    """What holds its key holds up what comes in afterwards, until it is given up beside."""
    await commit(spool, message_id="bad", plan=KEYED)
    await spool.settle(await claim_one(spool), Parked("no", hold_key=True))
    await commit(spool, message_id="good", plan=KEYED)
    assert [] == await spool.claim("store", 9)
    await spool.discard(Selection(state=State.PARKED), "useless")
    assert ["good"] == await claimed(spool)


async def test_put_off(spool: Spool, clock: FakeClock) -> None:
    """What failed goes to the database with its pause and its attempts, and what shares its key waits."""
    await commit(spool, message_id="1", plan=KEYED)
    await commit(spool, message_id="2", plan=KEYED)
    await spool.settle(await claim_one(spool), RetryLater("away", 10.0))
    assert [] == await spool.claim("store", 9)
    clock.now += 11
    entry = await claim_one(spool)
    assert ("1", 1, "away") == (entry.message.message_id, entry.attempts, entry.reason)


async def test_sums(spool: Spool, tmp_path: Path) -> None:
    """They count what is in the log, and nothing is moved for that."""
    for name in ("1", "2", "3"):
        await commit(spool, message_id=name, plan=KEYED)
    await spool.settle(await claim_one(spool), Delivered())
    counts = {each.state: each.count for each in await spool.totals() if each.count}
    assert {State.WAITING: 2, State.DELIVERED: 1} == counts
    assert [] == [state for _, state in states(tmp_path) if state == 0]
    await flush(spool)
    assert counts == {each.state: each.count for each in await spool.totals() if each.count}


async def test_a_probe_sees_all(spool: Spool) -> None:
    """Whether a destination works is tried with anything that waits."""
    await commit(spool)
    assert ["m1"] == [each.message.message_id for each in await spool.claim("store", 9, probe=True)]


async def test_beside(tmp_path: Path, spool: Spool) -> None:
    """An operator in another process sees at once what was acknowledged, and what was delivered."""
    await commit(spool, message_id="1")
    await spool.settle(await claim_one(spool), Delivered())
    await commit(spool, message_id="2")
    async with open_for_operator(tmp_path, SETTINGS) as operations:
        found = (await operations.find(Selection())).records
        assert {"1": State.DELIVERED, "2": State.WAITING} == {each.message_id: each.state for each in found}
        await commit(spool, message_id="3")
        second = next(each.entry_id for each in found if each.message_id == "2")
        assert 1 == await operations.discard(Selection(entry_ids=frozenset({second})), "useless")
        assert 3 == len((await operations.find(Selection())).records)
    assert ["3"] == await claimed(spool)


async def test_another_spool_comes(tmp_path: Path, clock: FakeClock, spool: Spool) -> None:
    """From then on all is written where the other process looks: it knows what was taken before, and its order."""
    plan = Plan(("store",), "patient", "sender|C1", 60.0)
    await commit(spool, b"A", "first", plan)
    async with open_spool(tmp_path, SETTINGS, clock=clock) as other:
        assert (await commit(other, b"A", "again", plan)).duplicate
        clock.now += 1
        await commit(other, message_id="later", plan=Plan(("store",), "patient"))
        assert [] == await other.claim("store", 9)
        await commit(spool, message_id="beside", plan=Plan(("store",), "another"))
        database = folder_of_own(tmp_path, "beside")
        assert not has_records(database)


def folder_of_own(data_dir: Path, message_id: str) -> Path:
    """Return the folder of the spool in whose database a message is."""
    for path in (data_dir / "spool").glob("*/spool.db"):
        with closing(sqlite3.connect(path)) as database:
            headers = [bytes(header) for (header,) in database.execute("SELECT header FROM messages")]
        if any(message_id.encode() in header for header in headers):
            return path.parent
    raise AssertionError(f"{message_id} is in no database")


def failing(number: int, after: int = 0) -> Callable[..., None]:
    """Return a call that fails after so many that do nothing."""
    calls: list[object] = []

    def fail(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) > after:
            raise OSError(number, os.strerror(number))

    return fail


async def test_a_sync_that_fails(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of that group is acknowledged; what was before is kept, and it goes on in another segment."""
    await commit(spool, message_id="before")
    with monkeypatch.context() as patch:
        patch.setattr(RealDisk, "sync", failing(errno.EIO))
        outcomes = await asyncio.gather(
            *(spool.commit(make_message(message_id=name), Plan(("store",))) for name in ("a", "b"))
        )
    assert [Unavailable("the spool cannot be written")] * 2 == outcomes
    await commit(spool, message_id="after")
    assert ["after", "before"] == sorted(each.message_id for each in (await spool.find(Selection())).records)
    assert ["after", "before"] == sorted(await claimed(spool))


async def test_a_disk_without_room_for_a_segment(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that the disk is full; when there is room again messages are taken."""
    with monkeypatch.context() as patch:
        patch.setattr(RealDisk, "create", failing(errno.ENOSPC))
        for _ in range(3):
            outcome = await spool.commit(make_message(LARGE), Plan(("store",)))
            assert Unavailable("the spool's disk is full") == outcome
    await commit(spool)
    assert ["m1"] == [each.message_id for each in (await spool.find(Selection())).records]


async def test_a_duplicate_of_what_was_not_kept(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that are sent at once and are the same, neither is acknowledged when the first is not kept."""
    plan = Plan(("store",), None, "sender|C1", 60.0)
    await commit(spool, message_id="before")
    with monkeypatch.context() as patch:
        patch.setattr(RealDisk, "sync", failing(errno.EIO))
        outcomes = await asyncio.gather(*(spool.commit(make_message(), plan) for _ in range(2)))
    assert [Unavailable("the spool cannot be written")] * 2 == outcomes
    assert not (await commit(spool, plan=plan)).duplicate


async def test_a_file_goes_after_its_record_is_durable(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a crash in between would leave a message that waits for a file that is not there."""
    calls: list[str] = []
    sync, remove = RealDisk.sync, files.remove

    def synced(disk: RealDisk, descriptor: int) -> None:
        calls.append("sync")
        sync(disk, descriptor)

    def removed(path: Path) -> None:
        calls.append("remove")
        remove(path)

    await commit(spool, LARGE)
    monkeypatch.setattr(RealDisk, "sync", synced)
    monkeypatch.setattr("gateway.spool.database.store.remove", removed)
    await spool.settle(await claim_one(spool), Delivered())
    assert ["sync", "remove"] == calls[:2]


async def test_locked_while_it_comes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that keeps the database locked does not keep messages from being taken and delivered for a while."""
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    async with AsyncExitStack() as stack:
        spool = await stack.enter_async_context(open_spool(tmp_path, SETTINGS))
        await commit(spool, message_id="before")
        assert ["before"] == await claimed(spool)
        other = stack.enter_context(closing(sqlite3.connect(folder_of(tmp_path) / "spool.db", isolation_level=None)))
        other.execute("BEGIN IMMEDIATE")
        assert isinstance(await spool.commit(make_message(message_id="m2"), Plan(("store",))), Committed)
        entry = await claim_one(spool)
        assert await spool.settle(entry, Delivered())


async def test_no_answer_before_the_sync(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message is not acknowledged, and not handed out, while its record is not on stable storage."""
    begun, go_on = threading.Event(), threading.Event()
    sync = RealDisk.sync

    def held(disk: RealDisk, descriptor: int) -> None:
        begun.set()
        go_on.wait(60)
        sync(disk, descriptor)

    await commit(spool, message_id="before")
    assert ["before"] == await claimed(spool)
    monkeypatch.setattr(RealDisk, "sync", held)
    committing = asyncio.create_task(commit(spool))
    await asyncio.to_thread(begun.wait, 60)
    assert ([], False) == (await claimed(spool), committing.done())
    go_on.set()
    await committing
    assert ["m1"] == await claimed(spool)


async def test_a_file_stays_while_nothing_says_that_it_was_delivered(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where neither the log nor the database takes the record of a delivery, its message would wait for its file."""
    await commit(spool, LARGE)
    entry = await claim_one(spool)
    with monkeypatch.context() as patch:
        patch.setattr(RealDisk, "sync", failing(errno.EIO))
        patch.setattr(emptying, "move", no_room)
        assert await spool.settle(entry, Delivered())
        assert 1 == len(body_files(tmp_path))
    await flush(spool)
    assert ([(1, 2)], []) == (states(tmp_path), body_files(tmp_path))


async def test_a_file_goes_where_its_delivery_could_not_be_written(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever went wrong in the writer's thread: once the database has the record of the delivery, the file goes."""
    await commit(spool, LARGE)
    entry = await claim_one(spool)
    with monkeypatch.context() as patch:
        patch.setattr(writer, "write_delivered", failing_with(struct.error))
        with pytest.raises(struct.error):
            await spool.settle(entry, Delivered())
    await flush(spool)
    assert ([(1, 2)], []) == (states(tmp_path), body_files(tmp_path))


async def test_a_settlement_that_is_recorded_twice(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is done, whether or not the first try was told that."""
    await commit(spool)
    entry = await claim_one(spool)
    with monkeypatch.context() as patch:
        patch.setattr(writer, "write_delivered", failing_with(struct.error))
        with pytest.raises(struct.error):
            await spool.settle(entry, Delivered())
    assert await spool.settle(entry, Delivered())


async def test_a_log_that_fails_is_told_once(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many messages are refused, the event is logged when it begins."""
    with monkeypatch.context() as patch, capture_logs() as events:
        patch.setattr(RealDisk, "create", failing(errno.ENOSPC))
        for _ in range(3):
            await spool.commit(make_message(), Plan(("store",)))
    failed = [each for each in events if each["event"] == "intake_log_failed"]
    assert [os.strerror(errno.ENOSPC)] == [each["reason"] for each in failed]


async def test_a_record_that_cannot_be_written(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in the writer's thread is raised where the message came from, and the thread goes on."""
    plan = Plan(("store",), None, "sender|C1", 60.0)
    await commit(spool, message_id="before")
    with monkeypatch.context() as patch:
        patch.setattr(writer, "write_committed", failing_with(struct.error))
        with pytest.raises(struct.error):
            await spool.commit(make_message(), plan)
    assert not (await commit(spool, plan=plan)).duplicate
    assert ["before", "m1"] == sorted(each.message_id for each in (await spool.find(Selection())).records)


def failing_with(kind: type[Exception]) -> Callable[..., None]:
    """Return a call that raises."""

    def fail(*_arguments: object) -> None:
        raise kind

    return fail


async def test_a_number_is_not_used_twice(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written to the database while that could not be read afterwards keeps its number to itself."""
    first = await commit(spool, message_id="logged")
    with monkeypatch.context() as patch:
        patch.setattr(Beside, "exist", lambda *_: True)
        patch.setattr(LoggedWriter, "_note_database", lambda *_: None)
        second = await commit(spool, message_id="beside")
    third = await commit(spool, message_id="logged again")
    assert 3 == len({first.spool_id, second.spool_id, third.spool_id})
    await flush(spool)
    assert 3 == len(states(tmp_path))


async def test_a_message_that_cannot_be_offered(tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the log has is acknowledged and keeps its file, and is delivered when it can be told of."""
    with monkeypatch.context() as patch, capture_logs() as events:
        patch.setattr(LoggedWriter, "_offer", failing(errno.EIO))
        for name, data in (("small", b"MSH|1"), ("large", LARGE)):
            await commit(spool, data, name)
    assert {"OSError"} == {each["reason"] for each in events if each["event"] == "intake_log_not_moved"}
    assert 1 == len(body_files(tmp_path))
    await flush(spool)
    assert ["large", "small"] == sorted(await claimed(spool))


async def test_what_the_database_has_cannot_be_noted(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A settlement that is recorded there is told to be so, also where what follows from it cannot be read."""
    await commit(spool)
    await flush(spool)
    entry = await claim_one(spool)
    monkeypatch.setattr(LoggedWriter, "_note_database", failing(errno.EIO))
    assert await spool.settle(entry, Delivered())


async def test_many_large_ones_at_once(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much waits for the log at once, it holds little more than what it may hold."""
    monkeypatch.setattr(emptying, "MOST_OCTETS", 20_000)
    monkeypatch.setattr(emptying, "MOST_TOGETHER", 5_000)
    settings = SETTINGS.model_copy(update={"inline_bytes": 1000})
    async with open_spool(tmp_path, settings, clock=clock) as spool:
        assert [] == await spool.claim("store", 9)
        most = await most_held(spool, monkeypatch, [b"x" * 1000] * 100)
        assert 101 == len((await spool.find(Selection(), limit=200)).records)
    assert most <= 20_000 + 5_000 + 5 * OVERHEAD


async def most_held(spool: Spool, monkeypatch: pytest.MonkeyPatch, payloads: list[bytes]) -> int:
    """Commit all at once, and return how much the log held at most."""
    begun, go_on, held = threading.Event(), threading.Event(), [0]
    sync, write = RealDisk.sync, LoggedWriter._write

    def synced(disk: RealDisk, descriptor: int) -> None:
        begun.set()
        go_on.wait(60)
        sync(disk, descriptor)

    def noted(writer: LoggedWriter, *arguments: Any, **named: Any) -> Any:
        held.append(writer._window.octets)
        return write(writer, *arguments, **named)

    monkeypatch.setattr(RealDisk, "sync", synced)
    monkeypatch.setattr(LoggedWriter, "_write", noted)
    tasks = [asyncio.create_task(commit(spool, b"first", "first"))]
    try:
        await asyncio.to_thread(begun.wait, 60)
        tasks += [asyncio.create_task(commit(spool, data, str(number))) for number, data in enumerate(payloads)]
        await until(lambda: len(writer_of(spool)._waiting) == len(payloads))
    finally:
        go_on.set()
    await asyncio.gather(*tasks)
    return max(held)


async def test_what_follows_a_delivery_fails(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the log could not be emptied is told, and it goes on with another segment."""
    await commit(spool)
    entry = await claim_one(spool)
    with monkeypatch.context() as patch, capture_logs() as events:
        await spool.settle(entry, Delivered())
        patch.setattr(RealDisk, "sync", failing(errno.EIO))
        await until(lambda: [each for each in events if each["event"] == "intake_log_failed"])
    assert [os.strerror(errno.EIO)] == [each["reason"] for each in events if each["event"] == "intake_log_failed"]
    await commit(spool, message_id="next")


@pytest.mark.parametrize("data", [b"PID|1||4711", b"PID|1||4711" * 60], ids=["small", "large"])
@pytest.mark.parametrize("has_key", [False, True], ids=["plain", "encrypted"])
async def test_segments_under_a_key(tmp_path: Path, has_key: bool, data: bytes) -> None:
    """With a key no payload is readable in any file, from its commit until it is delivered and moved."""
    key = tmp_path / "key"
    key.write_bytes(KEY)
    settings = SETTINGS.model_copy(update={"key_file": key}) if has_key else SETTINGS
    seen: set[bool] = set()

    def look() -> None:
        found = [path for path in tmp_path.rglob("*") if path.is_file() and b"PID|1||4711" in path.read_bytes()]
        seen.add(bool(found))

    async with open_spool(tmp_path / "data", settings) as spool:
        assert [] == await spool.claim("store", 9)
        await commit(spool, data, "delivered")
        look()
        await spool.settle(await claim_one(spool), Delivered())
        look()
        await commit(spool, data, "waits")
        assert has_records(folder_of(tmp_path / "data"))
        look()
        await flush(spool)
        look()
    look()
    assert seen == {False} if has_key else True in seen


async def test_what_nothing_has_caught(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the log has is acknowledged, the event is logged, and the next message is taken."""
    with monkeypatch.context() as patch, capture_logs() as events:
        patch.setattr(LoggedWriter, "_plan", failing(errno.EIO))
        outcome = await asyncio.wait_for(spool.commit(make_message(), Plan(("store",))), 10)
    assert isinstance(outcome, Committed)
    assert ["OSError"] == [each["reason"] for each in events if each["event"] == "intake_log_not_moved"]
    await commit(spool, message_id="next")


class FullAtTheCommit:
    """A connection whose transactions are refused at their end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str) -> sqlite3.Cursor:
        """Execute all but the end of a transaction."""
        if statement == "COMMIT":
            no_room()
        return self._connection.execute(statement)


async def test_a_destination_whose_number_is_rolled_back(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number is not used: another destination gets it, and would get the messages."""
    await commit(spool, message_id="before")
    writer = writer_of(spool)
    with monkeypatch.context() as patch:
        patch.setattr(writer, "_connection", FullAtTheCommit(writer._connection))
        assert isinstance(await spool.commit(make_message(), Plan(("b",))), Unavailable)
    await commit(spool, message_id="for b", plan=Plan(("b",)))
    await commit(spool, message_id="for c", plan=Plan(("c",)))
    await flush(spool)
    found = {name: [each.message.message_id for each in await spool.claim(name, 9)] for name in ("b", "c")}
    assert {"b": ["for b"], "c": ["for c"]} == found


def writer_of(spool: Spool) -> LoggedWriter:
    """Return the writer of the only part."""
    (part,) = spool._parts.values()  # type: ignore[attr-defined]
    found = part.commits._store.writer
    assert isinstance(found, LoggedWriter)
    return found
