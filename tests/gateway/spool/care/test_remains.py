"""Payloads that are gone are gone from the files of the spool, too."""

import asyncio
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.spool import Delivered, Parked, Selection, SpoolSettings, open_for_operator, open_spool
from gateway.spool.care import remains as module
from gateway.spool.care.backup import back_up
from gateway.spool.care.remains import AGAIN_SECONDS, IDLE_SECONDS, LATEST_SECONDS, REWRITE_SECONDS, Remains
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.schema import connect, prepare
from gateway.spool.log import emptying
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.database.test_ledger import new
from tests.gateway.spool.spools import FakeClock, commit, folder_of

SETTINGS = SpoolSettings(min_free_bytes=0, inline_bytes=5000)
NAME = re.compile(rb"PATIENT\d{4}\^")
SEED = 6
"""One with which two are left where the payloads are not written anew."""


def body(number: int, size: int) -> bytes:
    """Return a payload that names its patient all over."""
    return b"PID|PATIENT%04d^" % number * (size // 16 + 1)


def names_in(data_dir: Path) -> set[bytes]:
    """Return the patients that any file in the folder names."""
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    return {name for path in files for name in NAME.findall(path.read_bytes())}


async def until_nothing_is_left(data_dir: Path) -> None:
    """Wait until no file names a patient."""
    async with asyncio.timeout(30):
        while names_in(data_dir):
            await asyncio.sleep(0.02)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the log be cut as soon as nothing is written any more."""
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.02)
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.02)


@pytest.fixture
def log_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was delivered stay in the intake log until the spool is closed."""
    monkeypatch.setattr(emptying, "IDLE_SECONDS", 3600.0)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("size", [20, 3000, 6000], ids=["many on a page", "one on a page", "a file"])
async def test_delivered(tmp_path: Path, size: int) -> None:
    """While a payload waits it is in the files; once it has been delivered it is in none, while the gateway runs."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        for number in range(30):
            await commit(spool, body(number, size), f"m{number}")
        assert 30 == len(names_in(tmp_path))
        for entry in await spool.claim("store", 100):
            assert await spool.settle(entry, Delivered())
        await until_nothing_is_left(tmp_path)


@pytest.mark.usefixtures("at_once")
async def test_parked_and_discarded_by_another_process(tmp_path: Path) -> None:
    """What an operator discards from beside the gateway goes, too."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, body(1, 1000))
        (entry,) = await spool.claim("store", 1)
        await spool.settle(entry, Parked("refused"))
        assert names_in(tmp_path)
        async with open_for_operator(tmp_path, SETTINGS) as operations:
            assert 1 == await operations.discard(Selection(), "not wanted")
        await until_nothing_is_left(tmp_path)


@pytest.mark.usefixtures("log_stays")
async def test_stopped_at_once(tmp_path: Path) -> None:
    """A gateway that is stopped before the log was cut cuts it, also where another process has the database open."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool, body(1, 1000))
        beside = sqlite3.connect(folder_of(tmp_path) / "spool.db")
        beside.execute("SELECT count(*) FROM messages").fetchone()
        (entry,) = await spool.claim("store", 1)
        await spool.settle(entry, Delivered())
        assert names_in(tmp_path)
    assert not names_in(tmp_path)
    assert (folder_of(tmp_path) / "spool.db-wal").exists()  # so that it was not SQLite that removed it
    beside.close()


@pytest.mark.usefixtures("at_once", "log_stays")
async def test_left_by_a_killed_process(tmp_path: Path) -> None:
    """The log that a killed process has left is cut by whoever opens the spool next."""
    async with open_spool(tmp_path / "one", SETTINGS) as spool:
        await commit(spool, body(1, 1000))
        (entry,) = await spool.claim("store", 1)
        await spool.settle(entry, Delivered())
        shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert names_in(tmp_path / "two")
    async with open_spool(tmp_path / "two", SETTINGS):
        await until_nothing_is_left(tmp_path / "two")


async def test_backup(tmp_path: Path) -> None:
    """A backup holds nothing of what was delivered before it, and no log."""
    async with open_spool(tmp_path / "data", SETTINGS) as spool:
        await commit(spool, body(1, 1000))
        (entry,) = await spool.claim("store", 1)
        await spool.settle(entry, Delivered())
        assert names_in(tmp_path / "data")
        list(back_up(tmp_path / "data", tmp_path / "backup"))
    assert not names_in(tmp_path / "backup")


class Bench:
    """What remains in one database, by a clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(0.0)
        self.log = folder / "spool.db-wal"
        self.connection = connect(folder / "spool.db", 1024)
        prepare(self.connection, Plain())
        self.ledger = Ledger(self.connection)
        self.remains = Remains(self.connection, self.ledger, self.clock)

    def write(self) -> None:
        """Write a message."""
        self.ledger.add(new(), 0.0)
        self.remains.wrote()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Return a database of which nothing remains."""
    made = Bench(tmp_path)
    made.remains.clear()
    with closing(made.connection):
        yield made


def test_when_idle(bench: Bench) -> None:
    """The log is due when nothing was written for a while, and not again before something is."""
    assert (None, 0) == (bench.remains.seconds_left(), bench.log.stat().st_size)
    bench.write()
    bench.clock.now = 1.0
    bench.write()
    assert IDLE_SECONDS == bench.remains.seconds_left()
    bench.clock.now += IDLE_SECONDS
    assert 0 == bench.remains.seconds_left()
    assert bench.log.stat().st_size > 0
    bench.remains.clear()
    assert (None, 0) == (bench.remains.seconds_left(), bench.log.stat().st_size)


def test_at_the_latest(bench: Bench) -> None:
    """The log is due a minute after the first write, however often something is written."""
    for second in range(int(LATEST_SECONDS)):
        bench.clock.now = float(second)
        bench.write()
    assert 1.0 == bench.remains.seconds_left()
    bench.clock.now += 1
    bench.write()
    assert 0 == bench.remains.seconds_left()


def test_somebody_reads(bench: Bench) -> None:
    """Who reads is not waited for: the log is tried again soon, also while it is written to."""
    with closing(sqlite3.connect(bench.log.with_name("spool.db"), isolation_level=None)) as reader:
        bench.write()
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchone()
        bench.remains.clear()
        assert bench.log.stat().st_size > 0
        assert AGAIN_SECONDS == bench.remains.seconds_left()
        reader.execute("COMMIT")
        bench.remains.clear()
        assert 0 == bench.log.stat().st_size


def test_somebody_writes(bench: Bench) -> None:
    """A lock of another process is no error: it is tried again."""
    with closing(sqlite3.connect(bench.log.with_name("spool.db"), isolation_level=None)) as writer:
        bench.write()
        writer.execute("BEGIN IMMEDIATE")
        bench.remains.clear()
        assert AGAIN_SECONDS == bench.remains.seconds_left()
        writer.execute("ROLLBACK")
        bench.remains.clear()
        assert bench.remains.seconds_left() is None


def test_many_wait(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The payloads are not written anew too often, and not where many wait."""
    monkeypatch.setattr(module, "MOST_REWRITTEN", 2)
    statements: list[str] = []
    bench.connection.set_trace_callback(statements.append)
    for number, step, deletes in ((2, 0.0, 1), (2, REWRITE_SECONDS - 1, 0), (2, 1.0, 1), (3, REWRITE_SECONDS, 0)):
        statements.clear()
        while bench.connection.execute("SELECT count(*) FROM payloads").fetchone()[0] < number:
            bench.write()
        bench.clock.now += step
        bench.ledger.dropped += 1
        bench.remains.clear()
        assert deletes == statements.count("DELETE FROM payloads")


def test_beside_others_that_wait(tmp_path: Path, bench: Bench) -> None:
    """Of what was delivered nothing is left in the pages that others share, in whatever order it went."""
    choose = random.Random(SEED)
    waiting: list[int] = []
    count = 0
    for _ in range(60):
        bench.connection.execute("BEGIN")
        for _ in range(choose.randint(1, 20)):
            count += 1
            bench.ledger.add(replace(new(None), data=body(count, choose.randint(20, 1800))), 0.0)
            waiting.append(count)
        choose.shuffle(waiting)
        for _ in range(choose.randint(0, min(14, len(waiting) - 1))):
            bench.ledger.settle((waiting.pop(), 1), Delivered(), 0.0, 0.0)
        bench.connection.execute("COMMIT")
        bench.remains.wrote()
    bench.remains.clear()
    assert len(waiting) == len(names_in(tmp_path))


def test_what_cannot_be_written_anew(bench: Bench) -> None:
    """Where the payloads cannot be written anew they stay as they are, and the log is cut all the same."""
    bench.write()
    before = bench.connection.execute("SELECT * FROM payloads").fetchall()
    bench.connection.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON payloads BEGIN SELECT raise(ABORT, 'no'); END")
    bench.ledger.dropped += 1
    bench.remains.clear()
    assert (REWRITE_SECONDS, 0) == (bench.remains.seconds_left(), bench.log.stat().st_size)
    assert before == bench.connection.execute("SELECT * FROM payloads").fetchall()


def test_due_again(bench: Bench) -> None:
    """What may not be written anew yet is when it may, though nothing is written any more, and at the end."""
    bench.write()
    for _ in range(2):
        bench.ledger.dropped += 1
        bench.remains.wrote()
        bench.remains.clear()
    assert REWRITE_SECONDS == bench.remains.seconds_left()
    bench.remains.clear_at_the_end()
    assert bench.remains.seconds_left() is None
