"""Group commit."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.spool.database.ledger import Ledger
from gateway.spool.database.schema import connect, prepare
from gateway.spool.database.writer import GroupWriter
from gateway.spool.interface import SpoolError
from gateway.spool.payloads.seal import Plain


@dataclass
class Bench:
    """A writer, and the statements that begin and end its transactions."""

    writer: GroupWriter
    connection: sqlite3.Connection
    commits: list[str]

    def insert(self, name: str) -> asyncio.Future[None]:
        """Submit the insertion of a destination."""
        return self.writer.submit(lambda ledger: self.write(name))

    def write(self, name: str) -> None:
        """Insert a destination."""
        self.connection.execute("INSERT INTO destinations (name) VALUES (?)", (name,))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Start a writer on a new database."""
    connection = connect(tmp_path / "spool.db", 1024)
    prepare(connection, Plain())
    commits: list[str] = []
    connection.set_trace_callback(lambda statement: commits.append(statement) if statement == "COMMIT" else None)
    writer = GroupWriter(connection, lambda: (0.0, 0.0), lambda held, reusable: None)
    yield Bench(writer, connection, commits)
    await writer.close()


def names(tmp_path: Path) -> set[str]:
    """Return the destinations that are on the disk."""
    connection = connect(tmp_path / "spool.db", 1024)
    try:
        return {name for (name,) in connection.execute("SELECT name FROM destinations")}
    finally:
        connection.close()


async def test_what_waits_shares_a_transaction(bench: Bench) -> None:
    """While one transaction is written the next collects; a hundred pieces of work cost two."""
    entered, go_on = threading.Event(), threading.Event()

    def hold(ledger: Ledger) -> None:
        entered.set()
        go_on.wait()

    held = bench.writer.submit(hold)
    await asyncio.to_thread(entered.wait)
    waiting = [bench.insert(str(number)) for number in range(100)]
    go_on.set()
    await asyncio.gather(held, *waiting)
    assert 2 == len(bench.commits)


async def test_a_failure_is_its_own(bench: Bench, tmp_path: Path) -> None:
    """Work that fails leaves nothing behind and harms none of the others."""

    def fail(ledger: Ledger) -> None:
        bench.write("half")
        raise RuntimeError("a bug")

    outcomes = await asyncio.gather(
        bench.insert("a"), bench.writer.submit(fail), bench.insert("a"), bench.insert("b"), return_exceptions=True
    )
    assert [type(None), RuntimeError, sqlite3.IntegrityError, type(None)] == [type(each) for each in outcomes]
    assert {"a", "b"} == names(tmp_path)


async def test_a_full_disk_keeps_nothing(bench: Bench, tmp_path: Path) -> None:
    """When SQLite gives up the transaction, nobody in it is told that it was written; the next one goes on."""
    (pages,) = bench.connection.execute("PRAGMA page_count").fetchone()
    bench.connection.execute(f"PRAGMA max_page_count = {pages}")
    outcomes = await asyncio.gather(*(bench.insert(str(n) * 3000) for n in range(9)), return_exceptions=True)
    assert any(isinstance(each, sqlite3.OperationalError) for each in outcomes)
    kept = {str(n) * 3000 for n, each in enumerate(outcomes) if each is None}
    assert kept == names(tmp_path)
    bench.connection.execute("PRAGMA max_page_count = 100000")
    await bench.insert("again")
    assert kept | {"again"} == names(tmp_path)


async def test_cancelled_work_is_not_done(bench: Bench, tmp_path: Path) -> None:
    """Work that was cancelled before its turn leaves no trace."""
    entered, go_on = threading.Event(), threading.Event()

    def hold(ledger: Ledger) -> None:
        entered.set()
        go_on.wait()

    held = bench.writer.submit(hold)
    await asyncio.to_thread(entered.wait)
    bench.insert("a").cancel()
    go_on.set()
    await held
    await bench.insert("b")
    assert {"b"} == names(tmp_path)


async def test_close_finishes(tmp_path: Path) -> None:
    """What was submitted before the end is written."""
    connection = connect(tmp_path / "spool.db", 1024)
    prepare(connection, Plain())
    writer = GroupWriter(connection, lambda: (0.0, 0.0), lambda held, reusable: None)
    future = writer.submit(lambda ledger: connection.execute("INSERT INTO destinations (name) VALUES ('a')").rowcount)
    await writer.close()
    assert 1 == await future
    assert {"a"} == names(tmp_path)


@pytest.mark.parametrize("step", ["_commit", "_look_after"])
async def test_whatever_fails_the_thread_lives_on(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Those are told who wait, and what comes afterwards is done."""
    failed = threading.Event()

    def fail(*_arguments: object) -> None:
        failed.set()
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(bench.writer, step, fail)
        (outcome,) = await asyncio.wait_for(asyncio.gather(bench.insert("a"), return_exceptions=True), 10)
        assert (step == "_commit") == isinstance(outcome, SpoolError)
        assert await asyncio.to_thread(failed.wait, 10)
    await asyncio.wait_for(bench.insert("b"), 10)
    assert "b" in names(tmp_path)
