"""Transactions on the database's own thread."""

import sqlite3
from pathlib import Path

import pytest

from gateway.sandbox.database import Database

INSERT = "INSERT INTO messages VALUES (1, 's', 'i', x'', x'', '', '', '', NULL, '', '[]', '{}')"


def count(connection: sqlite3.Connection) -> int:
    """Return the number of messages."""
    return int(connection.execute("SELECT COUNT(*) FROM messages").fetchone()[0])


async def test_committed(tmp_path: Path) -> None:
    """What was written is there when the file is opened again."""
    async with Database(tmp_path / "d.sqlite3") as database:
        await database.run(lambda connection: connection.execute(INSERT).rowcount)
    async with Database(tmp_path / "d.sqlite3") as database:
        assert await database.run(count) == 1


async def test_rolled_back(tmp_path: Path) -> None:
    """Work that raises leaves nothing behind, and the database goes on."""

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute(INSERT)
        raise KeyError

    async with Database(tmp_path / "d.sqlite3") as database:
        with pytest.raises(KeyError):
            await database.run(fail)
        assert await database.run(count) == 0


async def test_durable(tmp_path: Path) -> None:
    """A commit waits for the disk, and readers from outside do not disturb it."""

    def pragmas(connection: sqlite3.Connection) -> list[object]:
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]

    async with Database(tmp_path / "d.sqlite3") as database:
        assert await database.run(pragmas) == ["wal", 2]  # 2 is FULL


async def test_cannot_open(tmp_path: Path) -> None:
    """A file that is no database is an error at once."""
    (tmp_path / "d.sqlite3").write_bytes(b"nonsense" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        async with Database(tmp_path / "d.sqlite3"):
            pass
