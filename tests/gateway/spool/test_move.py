"""Entries are given to another destination: nothing is lost, nothing overtakes, and a call that was cut off goes on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest

from gateway.spool import (
    Delivered,
    Moved,
    Parked,
    Plan,
    RetryLater,
    Selection,
    Settlement,
    Spool,
    SpoolError,
    State,
    open_for_operator,
    open_spool,
)
from gateway.spool import operations as module
from gateway.spool.care.verify import verify
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.store import Store
from gateway.spool.folders import WorkerIndex
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.spools import (
    KEY,
    LARGE,
    SETTINGS,
    FakeClock,
    body_files,
    claim_one,
    commit,
    folder_of,
    make_message,
    payload,
)

OLD, HL7 = Selection("old"), frozenset({"mllp"})


async def move(spool: Spool, selection: Selection = OLD, to: str = "new") -> Moved:
    """Move HL7 messages."""
    return await spool.move(selection, to, HL7)


async def commit_all(spool: Spool, *names: str, key: str | None = "k", destination: str = "old") -> None:
    """Commit messages of one key."""
    for name in names:
        await commit(spool, message_id=name, plan=Plan((destination,), key))


async def records(spool: Spool) -> dict[tuple[str, str], State]:
    """Return the state of each message at each destination."""
    return {(each.message_id, each.destination): each.state for each in (await spool.find(Selection())).records}


async def deliver_all(spool: Spool, destination: str = "new") -> list[str]:
    """Deliver all that may be delivered, the later of two first; return the names of the messages in that order."""
    names = []
    while entries := await spool.claim(destination, 9):
        for entry in reversed(entries):
            names.append(entry.message.message_id)
            await spool.settle(entry, Delivered())
    return names


async def test_waiting_and_parked(spool: Spool, tmp_path: Path) -> None:
    """What waits and what is parked keeps its state, and nobody has tried it there yet; what was delivered stays."""
    await commit_all(spool, "delivered", "parked", "paused", "waiting", key=None)
    ends: tuple[Settlement, ...] = (Delivered(), Parked("no"), RetryLater("down", 60.0))
    for entry, end in zip(await spool.claim("old", 3), ends, strict=True):
        await spool.settle(entry, end)
    assert Moved(moved=3) == await move(spool)
    found = (await spool.find(Selection("new"))).records
    assert [
        ("parked", State.PARKED, "no", 0, None),
        ("paused", State.WAITING, None, 0, None),
        ("waiting", State.WAITING, None, 0, None),
    ] == [(each.message_id, each.state, each.reason, each.attempts, each.due_at) for each in found]
    assert [("delivered", "old")] == [name for name in await records(spool) if name[1] == "old"]
    assert ["waiting", "paused"] == await deliver_all(spool)
    assert [] == verify(folder_of(tmp_path), Plain()).problems


FILTERS = {
    "all of the destination": (OLD, {"m1", "m2"}),
    "by state": (Selection("old", State.PARKED), {"m1"}),
    "by listener": (Selection("old", listener="scanner"), set()),
    "by age": (Selection("old", received_before=1.0), set()),
}


@pytest.mark.parametrize(("selection", "expected"), FILTERS.values(), ids=FILTERS)
async def test_filters(spool: Spool, selection: Selection, expected: set[str]) -> None:
    """Each filter narrows what is moved; other destinations are left alone."""
    await commit_all(spool, "m1", key=None)
    await spool.settle(await claim_one(spool, "old"), Parked("no"))
    await commit_all(spool, "m2", key=None)
    await commit_all(spool, "m3", key=None, destination="other")
    assert len(expected) == (await move(spool, selection)).moved
    assert expected == {name for name, destination in await records(spool) if destination == "new"}
    assert ("m3", "other") in await records(spool)


async def test_order_within_a_lane(spool: Spool) -> None:
    """What was committed before the messages of its key that wait there is delivered before them."""
    await commit_all(spool, "1", "2")
    await commit_all(spool, "3", destination="new")
    await commit_all(spool, "4")
    assert Moved(moved=3) == await move(spool)
    assert ["1", "2", "3", "4"] == await deliver_all(spool)


async def test_order_of_an_identity(spool: Spool) -> None:
    """Versions of one instance are delivered in the order committed, whatever their keys."""
    await commit(spool, b"one", "1", Plan(("old",), None, "i"))
    await commit(spool, b"two", "2", Plan(("new",), None, "i"))
    await move(spool)
    assert ["1", "2"] == await deliver_all(spool)


async def test_order_behind_one_under_way(spool: Spool) -> None:
    """An entry moved to a destination where one of its key is under way waits until that has ended."""
    await commit_all(spool, "1")
    await commit_all(spool, "2", destination="new")
    entry = await claim_one(spool, "new")
    await move(spool)
    assert [] == await spool.claim("new", 9)
    await spool.settle(entry, Delivered())
    assert ["1"] == await deliver_all(spool)


async def test_a_parked_one_that_holds_its_lane(spool: Spool) -> None:
    """A parked entry that holds its key holds it at the new destination then, and no longer at the old one."""
    await commit_all(spool, "1", "2")
    await spool.settle(await claim_one(spool, "old"), Parked("no", hold_key=True))
    await move(spool, Selection("old", State.PARKED))
    await commit_all(spool, "3", destination="new")
    assert ["2"] == await deliver_all(spool, "old")
    assert [] == await deliver_all(spool)
    await spool.retry(Selection("new"))
    assert ["1", "3"] == await deliver_all(spool)


@pytest.mark.parametrize("data", [b"MSH|1", LARGE], ids=["small", "large"])
async def test_one_that_the_other_has_already(spool: Spool, data: bytes, tmp_path: Path) -> None:
    """Of two entries of one message that which the new destination has is left, and the payload goes with the last."""
    for end, expected in ((None, State.WAITING), (Delivered(), State.DELIVERED), (Parked("no"), State.PARKED)):
        await commit(spool, data, str(expected), Plan(("old", "new")))
        if end is not None:
            await spool.settle((await spool.claim("new", 9))[-1], end)
        assert Moved(merged=1) == await move(spool)
        assert (expected, False) == (
            (await records(spool))[str(expected), "new"],
            (str(expected), "old") in await records(spool),
        )
        if end is None:
            await deliver_all(spool)
    await spool.retry(Selection("new"))
    assert ["parked"] == await deliver_all(spool)
    assert [] == body_files(tmp_path)
    assert [] == verify(folder_of(tmp_path), Plain()).problems


async def test_one_that_was_given_up_there(spool: Spool) -> None:
    """What somebody discarded for the new destination is not brought back there, and not lost here."""
    await commit(spool, plan=Plan(("old", "new")))
    await spool.discard(Selection("new"), "not for them")
    assert Moved(given_up=1) == await move(spool)
    assert {("m1", "old"): State.WAITING, ("m1", "new"): State.DISCARDED} == await records(spool)


async def test_another_protocol(spool: Spool) -> None:
    """What the new destination cannot take stays where it is."""
    await commit_all(spool, "1", key=None)
    assert Moved(unfit=1) == await spool.move(OLD, "new", {"dimse"})
    assert {("1", "old"): State.WAITING} == await records(spool)


async def test_there_and_back(spool: Spool) -> None:
    """A move in error is undone by another."""
    await commit_all(spool, "1", "2")
    await move(spool)
    assert Moved(moved=2) == await move(spool, Selection("new"), "old")
    assert ["1", "2"] == await deliver_all(spool, "old")


async def test_to_itself(spool: Spool) -> None:
    """Nothing is moved to where it is, and nothing is lost of it."""
    await commit_all(spool, "1")
    assert Moved() == await move(spool, OLD, "old")
    assert ["1"] == await deliver_all(spool, "old")


async def test_one_under_way(spool: Spool) -> None:
    """What is under way at the old destination may reach both, and its end there is not recorded."""
    await commit_all(spool, "1")
    entry = await claim_one(spool, "old")
    await move(spool)
    assert not await spool.settle(entry, Delivered())
    assert ["1"] == await deliver_all(spool)


async def test_the_dispatcher_is_woken(spool: Spool) -> None:
    """Who waits for work of the new destination is told at once."""
    await commit_all(spool, "1")
    await spool.claim("new", 1)
    waiting = asyncio.create_task(spool.wait_for_work("new", 3600.0))
    await asyncio.sleep(0)
    await move(spool)
    await asyncio.wait_for(waiting, 60)


async def test_beside_the_gateway(spool: Spool, tmp_path: Path) -> None:
    """The operator's process moves what the gateway holds, and the gateway hands it out."""
    await commit_all(spool, "1", "2")
    async with open_for_operator(tmp_path, SETTINGS) as operations:
        assert Moved(moved=2) == await operations.move(OLD, "new", HL7)
    assert ["1", "2"] == await deliver_all(spool)


async def test_a_step_is_all_or_nothing(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails in the middle of a step leaves it undone; the steps before are done, and another call goes on."""
    monkeypatch.setattr(module, "STEP", 2)
    real, calls = Ledger.move, []

    def fail_at_the_fourth(self: Ledger, *values: object) -> object:
        calls.append(values)
        if len(calls) >= 4:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return real(self, *values)  # type: ignore[arg-type]

    await commit_all(spool, *"12345")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "move", fail_at_the_fourth)
        with pytest.raises(SpoolError):
            await move(spool)
    assert {"1", "2"} == {name for name, destination in await records(spool) if destination == "new"}
    assert Moved(moved=3) == await move(spool)
    assert ["1", "2", "3", "4", "5"] == await deliver_all(spool)


async def test_a_crash_in_the_middle(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends between two steps has moved the first messages of a key; the next one moves the others."""
    monkeypatch.setattr(module, "STEP", 2)
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        await commit_all(spool, *"12345")
        moving = asyncio.create_task(move(spool))
        real = Store.write
        steps = []

        async def stop_after_one(self: Store, work: object) -> object:
            done: object = await real(self, work)  # type: ignore[arg-type]
            steps.append(done)
            moving.cancel()
            return done

        monkeypatch.setattr(Store, "write", stop_after_one)
        assert isinstance((await asyncio.gather(moving, return_exceptions=True))[0], asyncio.CancelledError)
    monkeypatch.setattr(Store, "write", real)
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        assert {"new": 2, "old": 3} == {
            name: [destination for _, destination in await records(spool)].count(name) for name in ("new", "old")
        }
        assert Moved(moved=3) == await move(spool)
        assert ["1", "2", "3", "4", "5"] == await deliver_all(spool)


@pytest.fixture
async def two(tmp_path: Path, clock: FakeClock) -> AsyncIterator[None]:
    """Leave the spools of two workers; that of the second is the older one."""
    async with AsyncExitStack() as stack:
        opening = [open_spool(tmp_path, SETTINGS, WorkerIndex(number, 2), clock) for number in (1, 2)]
        first, second = [await stack.enter_async_context(each) for each in opening]
        for name, spool in (("1", second), ("2", first)):
            await spool.commit(make_message(message_id=name), Plan(("old",), name))
            clock.now += 10
        yield


async def test_all_spools(two: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the spools of several workers hold is moved, the oldest spool first."""
    moved: list[str] = []
    real = Ledger.move

    def note(self: Ledger, *values: object) -> object:
        ((name,),) = self._execute("SELECT header FROM messages").fetchall()
        moved.append(name.decode()[2])
        return real(self, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "move", note)
    async with open_for_operator(tmp_path, SETTINGS) as operations:
        assert Moved(moved=2) == await operations.move(OLD, "new", HL7)
    assert ["1", "2"] == moved


async def test_a_header_that_is_damaged(spool: Spool, tmp_path: Path) -> None:
    """An entry that does not tell its protocol is moved; it is parked as damaged where it is to be delivered."""
    await commit_all(spool, "1")
    await spool.find(Selection())  # it is in the database then
    with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db")) as connection, connection:
        connection.execute("UPDATE messages SET header_sum = 0")
    assert Moved(moved=1) == await spool.move(OLD, "new", {"dimse"})
    assert not await spool.intact(await claim_one(spool, "new"))


async def test_the_payload_stays_readable(spool: Spool) -> None:
    """The payload is what was committed."""
    await commit(spool, LARGE, plan=Plan(("old",)))
    await move(spool)
    assert LARGE == await payload(await claim_one(spool, "new"))


async def test_with_a_key(tmp_path: Path) -> None:
    """With a key what was moved is as authentic as before: it is delivered, and verify finds it whole."""
    (tmp_path / "key").write_bytes(KEY)
    settings = SETTINGS.model_copy(update={"key_file": tmp_path / "key"})
    async with open_spool(tmp_path, settings) as spool:
        for data in (b"small", LARGE):
            await commit(spool, data, plan=Plan(("old",)))
        assert Moved(moved=2) == await move(spool)
        entries = await spool.claim("new", 9)
        assert [b"small", LARGE] == [await payload(entry) for entry in entries]
        assert [] == verify(folder_of(tmp_path), Encrypted(KEY)).problems
