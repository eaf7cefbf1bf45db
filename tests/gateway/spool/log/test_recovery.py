"""What a process has left in its log when it was killed."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import DAMAGED as DAMAGED_REASON
from gateway.spool import Delivered, Parked, Plan, Selection, SpoolSettings, State, open_spool
from gateway.spool.care.repair import repair_all
from gateway.spool.database.schema import connect, prepare
from gateway.spool.folders import SET_ASIDE, write_mark
from gateway.spool.log.files import DAMAGED, has_records, kept_of, make_log_folder, path_of, segments_of
from gateway.spool.log.records import (
    Record,
    seed_of,
    segment_head,
    write_committed,
)
from gateway.spool.log.recovery import fold, recover
from gateway.spool.log.segments import Flaw, Told
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.log.logs import committed, delivered
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
    payload,
)

SIZES = pytest.mark.parametrize("data", [b"MSH|1", LARGE], ids=["small", "large"])


def killed(tmp_path: Path) -> Path:
    """Return a copy of the data directory as it is at this moment: what a killed process would leave."""
    copy = tmp_path.parent / f"{tmp_path.name}-killed"
    shutil.copytree(tmp_path, copy)
    assert has_records(folder_of(copy))
    return copy


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> SpoolSettings:
    """Return the settings without and with a key."""
    key = tmp_path.parent / f"{tmp_path.name}-key"
    key.write_bytes(KEY)
    return SETTINGS.model_copy(update={"key_file": key}) if request.param else SETTINGS


@SIZES
async def test_all_that_was_acknowledged(tmp_path: Path, settings: SpoolSettings, data: bytes) -> None:
    """What waits is delivered as it was committed, in order; what was delivered is a record and no more."""
    plan = Plan(("store", "other"), "patient", None)
    async with open_spool(tmp_path, settings) as spool:
        assert [] == await spool.claim("store", 9)  # the first claim has the clocks written to the database
        for name in ("m1", "m2", "m3"):
            await commit(spool, data + name.encode(), name, plan)
        for destination in ("store", "other"):
            await spool.settle(await claim_one(spool, destination), Delivered())
        await spool.settle(await claim_one(spool), Delivered())
        left = killed(tmp_path)
    async with open_spool(left, settings) as spool:
        assert [] == list(segments_of(folder_of(left)))
        entries = [await claim_one(spool), await claim_one(spool, "other")]
        assert ["m3", "m2"] == [entry.message.message_id for entry in entries]
        assert all([await spool.intact(entry) for entry in entries])
        assert [data + b"m3", data + b"m2"] == [await payload(entry) for entry in entries]
        assert 2 * (data is LARGE) == len(body_files(left))
        states = {(each.message_id, each.destination): each.state for each in (await spool.find(Selection())).records}
        done = [key for key, state in states.items() if state is State.DELIVERED]
        assert [("m1", "other"), ("m1", "store"), ("m2", "store")] == sorted(done)


async def test_it_is_known_when_it_is_sent_again(tmp_path: Path) -> None:
    """What was delivered or waits is a duplicate afterwards, too."""
    plans = [Plan(("store",), None, f"sender|C{number}", 3600.0) for number in range(2)]
    async with open_spool(tmp_path, SETTINGS) as spool:
        assert [] == await spool.claim("store", 9)  # the first claim has the clocks written to the database
        first = await commit(spool, b"A", "m1", plans[0])
        await spool.settle(await claim_one(spool), Delivered())
        second = await commit(spool, b"B", "m2", plans[1])
        left = killed(tmp_path)
    async with open_spool(left, SETTINGS) as spool:
        again = [await commit(spool, data, plan=plan) for data, plan in zip((b"A", b"B"), plans, strict=True)]
        assert [(first.spool_id, True), (second.spool_id, True)] == [(each.spool_id, each.duplicate) for each in again]


async def test_numbers_are_not_used_twice(tmp_path: Path) -> None:
    """The first message after a kill has a number of its own."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        ids = [(await commit(spool, message_id=str(number))).spool_id for number in range(3)]
        left = killed(tmp_path)
    async with open_spool(left, SETTINGS) as spool:
        assert (await commit(spool)).spool_id not in ids


async def test_ages_go_on(tmp_path: Path, clock: FakeClock) -> None:
    """A message that was in the log is as old as it is."""
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        await commit(spool)
        left = killed(tmp_path)
    clock.now += 100
    async with open_spool(left, SETTINGS, clock=clock) as spool:
        assert 100 == pytest.approx((await claim_one(spool)).age)


async def test_killed_again_and_again(tmp_path: Path) -> None:
    """To do it twice does no harm: segments that are still there are left out."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool)
        left = killed(tmp_path)
    folder = folder_of(left)
    segments = {path: path.read_bytes() for path in segments_of(folder).values()}
    for _ in range(2):
        async with open_spool(left, SETTINGS) as spool:
            assert 1 == len((await spool.find(Selection())).records)
        for path, octets in segments.items():
            path.write_bytes(octets)


async def test_after_a_clean_end_there_is_no_log(tmp_path: Path) -> None:
    """An older Hilum finds all there is in the database."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, message_id="waits")
        await commit(spool, LARGE, "delivered")
        entry = next(each for each in await spool.claim("store", 9) if each.message.message_id == "delivered")
        await spool.settle(entry, Delivered())
    assert [] == list((folder_of(tmp_path) / "log").iterdir())
    with closing(sqlite3.connect(folder_of(tmp_path) / "spool.db")) as database:
        assert [(0,), (2,)] == database.execute("SELECT state FROM deliveries ORDER BY message").fetchall()
    assert [] == body_files(tmp_path)


def with_key(tmp_path: Path) -> SpoolSettings:
    """Return settings with a key."""
    key = tmp_path.parent / f"{tmp_path.name}-key"
    key.write_bytes(KEY)
    return SETTINGS.model_copy(update={"key_file": key})


async def test_a_key_for_a_log_without_one(tmp_path: Path) -> None:
    """What was committed without a key is not delivered under one unless somebody vouches for it."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool)
        left = killed(tmp_path)
    with pytest.raises(ConfigError, match="hilum spool accept"):
        async with open_spool(left, with_key(tmp_path)):
            pass
    async with open_spool(left, SETTINGS) as spool:
        assert ["m1"] == await claimed(spool)


async def test_a_record_that_was_slipped_in(tmp_path: Path) -> None:
    """With a key, a record that somebody without it has written is parked as damaged."""
    settings = with_key(tmp_path)
    async with open_spool(tmp_path, settings) as spool:
        await commit(spool)
    folder = folder_of(tmp_path)
    make_log_folder(folder)
    forged = write_committed(committed(99), seed_of(folder.name, 5))
    path_of(folder, 5).write_bytes(segment_head(folder.name, 5) + forged)
    async with open_spool(tmp_path, settings) as spool:
        intact = {each.message.message_id: await spool.intact(each) for each in await spool.claim("store", 9)}
    assert {"m1": True, "unreadable": False} == intact


FLIPS: dict[str, tuple[Callable[[int], int], Flaw]] = {
    "a payload": (lambda size: size - 1, Flaw.PAYLOAD),
    "a header": (lambda size: size - 60, Flaw.RECORD),
}


@pytest.mark.parametrize(("place", "flaw"), FLIPS.values(), ids=FLIPS)
async def test_a_damaged_record(
    tmp_path: Path, place: Callable[[int], int], flaw: Flaw, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told and its segment is kept; what follows is delivered, and a damaged payload is parked with its names."""
    data = b"d" * 50
    async with open_spool(tmp_path, SETTINGS) as spool:
        for name in ("bad", "good"):
            await commit(spool, data, name, Plan(("store",), "patient"))
        left = killed(tmp_path)
    (path,) = segments_of(folder_of(left)).values()
    octets = bytearray(path.read_bytes())
    octets[place(octets.find(data) + len(data))] ^= 1
    path.write_bytes(octets)
    async with open_spool(left, SETTINGS) as spool:
        entries = [await claim_one(spool)]
        if flaw is Flaw.PAYLOAD:
            assert not await spool.intact(entries[0])
            await spool.settle(entries[0], Parked("damaged"))
            entries.append(await claim_one(spool))
        assert "good" == entries[-1].message.message_id
    assert [bytes(octets)] == [each.read_bytes() for each in kept_of(folder_of(left))]
    assert str(flaw) in capsys.readouterr().out


@pytest.mark.parametrize("has_key", [False, True], ids=["plain", "encrypted"])
async def test_a_torn_payload_that_is_sent_again(tmp_path: Path, has_key: bool) -> None:
    """A message of which a power failure has left all but the payload was not acknowledged: it is taken once more."""
    settings, plan = with_key(tmp_path) if has_key else SETTINGS, Plan(("store",), "patient", "sender|C1", 3600.0)
    async with open_spool(tmp_path, settings) as spool:
        assert [] == await spool.claim("store", 9)
        await commit(spool, b"d" * 50, "first", plan)
        left = killed(tmp_path)
    (path,) = segments_of(folder_of(left)).values()
    octets = path.read_bytes().rstrip(b"\0")
    path.write_bytes(octets[:-20] + bytes(20))
    async with open_spool(left, settings) as spool:
        assert not (await commit(spool, b"d" * 50, "again", plan)).duplicate
        assert ["again"] == await claimed(spool)
        (record,) = (await spool.find(Selection(state=State.PARKED))).records
    assert ("first", DAMAGED_REASON) == (record.message_id, record.reason)


async def test_a_repair(tmp_path: Path) -> None:
    """What is in the log of a spool whose database is damaged is saved, its files too."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        assert [] == await spool.claim("store", 9)
        await commit(spool, message_id="before")
        await spool.find(Selection())  # it is in the database then
        await commit(spool, LARGE, "large")
        await commit(spool, message_id="small")
        left = killed(tmp_path)
    old = folder_of(left)
    (old / "spool.db").write_bytes((old / "spool.db").read_bytes()[:100].ljust(3 * 4096, b"\xff"))
    (old / "spool.db-wal").unlink()
    write_mark(old / SET_ASIDE, "damaged")
    (repaired,) = repair_all(left, Plain(), ["store"])
    assert 2 == repaired.saved.messages
    assert has_records(old)
    async with open_spool(left, SETTINGS) as spool:
        entries = {entry.message.message_id: entry for entry in await spool.claim("store", 9)}
        assert {"large", "small"} == set(entries)
        assert LARGE == await payload(entries["large"])


async def test_a_repair_tells_what_of_the_log_is_damaged(tmp_path: Path) -> None:
    """Of the messages in the log of a spool that was set aside, those that are whole are saved, the others are told."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        assert [] == await spool.claim("store", 9)
        for name in ("m1", "m2"):
            await commit(spool, message_id=name)
        left = killed(tmp_path)
    old = folder_of(left)
    (path,) = segments_of(old).values()
    octets = bytearray(path.read_bytes())
    octets[octets.find(b"m1")] ^= 1
    path.write_bytes(octets)
    path.with_name(f"{DAMAGED}0000000009").write_bytes(b"kept")
    write_mark(old / SET_ASIDE, "damaged")
    (repaired,) = repair_all(left, Plain(), ["store"])
    assert 1 == repaired.saved.messages
    assert [
        f"the intake log: segment 1, message 1: {Flaw.RECORD}",
        "the intake log: damaged-0000000009 is kept, because it is not what was written",
    ] == repaired.saved.log


def test_fold() -> None:
    """Deliveries of messages that are not there, or to others, are left out."""
    records: list[Record] = [delivered(1), committed(2), delivered(2, 9), committed(3), delivered(3)]
    assert [(2, {}), (3, {1: delivered(3)})] == [(seq, done) for seq, (_, done) in fold(records).items()]


def test_destinations_by_their_names(tmp_path: Path) -> None:
    """In a database that gives a destination another number, messages are for the destination of the name."""
    connection = connect(tmp_path / "spool.db", 1024)
    prepare(connection, Plain())
    connection.execute("INSERT INTO destinations (id, name) VALUES (1, 'first'), (7, 'store')")
    make_log_folder(tmp_path)
    written = write_committed(committed(4), seed_of(tmp_path.name, 1))
    path_of(tmp_path, 1).write_bytes(segment_head(tmp_path.name, 1) + written + b"torn")
    assert [Told(1, Flaw.TORN)] == recover(connection, tmp_path)
    assert [(4, 7)] == connection.execute("SELECT message, destination FROM deliveries").fetchall()
    connection.close()


async def test_a_segment_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That one is missing between others is told, and what the others hold is delivered."""
    monkeypatch.setattr("gateway.spool.log.appending.SEGMENT_OCTETS", 500)
    async with open_spool(tmp_path, SETTINGS) as spool:
        assert [] == await spool.claim("store", 9)
        for name in ("m1", "m2", "m3"):
            await commit(spool, b"d" * 200, name)
        left = killed(tmp_path)
    path_of(folder_of(left), 2).unlink()
    async with open_spool(left, SETTINGS) as spool:
        assert ["m1", "m3"] == await claimed(spool)
    assert "intake_log_damaged" in (told := capsys.readouterr().out)
    assert str(Flaw.MISSING) in told


class GoingClock(FakeClock):
    """A clock that goes a little whenever it is read."""

    def __call__(self) -> float:
        """Return the reading."""
        self.now += 0.001
        return self.now


async def test_the_clock_was_set_back(tmp_path: Path) -> None:
    """What an earlier process has left counts as inherited, whatever the machine's clock says after the crash."""
    clock = GoingClock()
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        assert [] == await spool.claim("store", 9)
        clock.now += 3
        await commit(spool)
        left = killed(tmp_path)
    async with open_spool(left, SETTINGS, clock=GoingClock(clock.now - 10)) as spool:
        assert (await claim_one(spool)).is_inherited
