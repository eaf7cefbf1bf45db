"""Damage of a database, and what passes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool import SpoolDamaged
from gateway.spool.damage import Damage, check, passes
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.schema import connect, prepare
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.database.test_ledger import new


def error(code: int) -> sqlite3.Error:
    """Return an error of SQLite with that result code."""
    made = sqlite3.OperationalError("text")
    made.sqlite_errorcode = code
    return made


CODES = {
    "busy": (sqlite3.SQLITE_BUSY, True, False),
    "full": (sqlite3.SQLITE_FULL, True, False),
    "cannot be read": (sqlite3.SQLITE_IOERR_READ, True, False),
    "corrupt": (sqlite3.SQLITE_CORRUPT, False, True),
    "corrupt index": (sqlite3.SQLITE_CORRUPT_INDEX, False, True),
    "no database": (sqlite3.SQLITE_NOTADB, False, True),
    "a constraint": (sqlite3.SQLITE_CONSTRAINT, False, True),
    "our own mistake": (sqlite3.SQLITE_ERROR, False, False),
}


@pytest.mark.parametrize(("code", "passing", "damage"), CODES.values(), ids=CODES)
def test_what_passes_and_what_is_damage(code: int, passing: object, damage: object) -> None:
    """A full disk may have room later; a page that is no page stays none, and that is told once."""
    told: list[None] = []
    found = Damage()
    found.told = lambda: told.append(None)
    for _ in range(2):
        found.note(error(code))
    assert (passing, damage, int(bool(damage))) == (passes(error(code)), found.found, len(told))


def test_a_column_that_is_gone(tmp_path: Path) -> None:
    """A statement of ours that names what the table of tables does not have shows that this is damaged."""
    with closing(connect(tmp_path / "spool.db", 1024)) as connection:
        prepare(connection, Plain())
        connection.execute("ALTER TABLE messages RENAME COLUMN header TO hebder")
        found = Damage()
        with pytest.raises(sqlite3.OperationalError) as raised:
            Ledger(connection).add(new(), 0.0)
        found.note(raised.value)
    assert found.found


DAMAGED_SUMS = [
    "UPDATE totals SET count = 7, size = -1",
    "UPDATE totals SET state = 7 WHERE state = 0",
    "UPDATE totals SET state = 7 WHERE state = 3",
    "UPDATE totals SET state = 'x' WHERE state = 0",
    "UPDATE totals SET destination = 9 WHERE state = 0",
    "UPDATE totals SET size = 'x'",
    "DELETE FROM totals",
]


@pytest.mark.parametrize("damage", DAMAGED_SUMS)
def test_check_mends_the_sums(tmp_path: Path, damage: str) -> None:
    """Sums that do not fit the rows are counted again when a spool is opened."""
    path = tmp_path / "spool.db"
    with closing(connect(path, 1024)) as connection:
        prepare(connection, Plain())
        Ledger(connection).add(new(), 0.0)
        expected = Queries(connection).totals(), Ledger(connection).held()
        rows = connection.execute("SELECT * FROM totals").fetchall()
        connection.execute("UPDATE spool SET held = 1000000")
        connection.execute(damage)
        assert expected[0] == Queries(connection).totals() or "count" in damage
        check(connection, path)
        assert rows == connection.execute("SELECT * FROM totals").fetchall()
        assert expected == (Queries(connection).totals(), Ledger(connection).held())


def test_check_finds_a_row_that_its_index_does_not_know(tmp_path: Path) -> None:
    """A row and an index that disagree are damage: the row might never be found again."""
    path = tmp_path / "spool.db"
    with closing(connect(path, 1024)) as connection:
        prepare(connection, Plain())
        Ledger(connection).add(new(), 0.0)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'front = 1', 'front = 0') WHERE name = 'ready'")
        connection.execute("PRAGMA writable_schema = RESET")
    with closing(connect(path, 1024)) as connection, pytest.raises(SpoolDamaged):
        check(connection, path)
