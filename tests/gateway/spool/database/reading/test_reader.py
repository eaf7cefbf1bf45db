"""Reading in a thread."""

import sqlite3
from pathlib import Path

import pytest

from gateway.spool import SpoolDamaged, SpoolError
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.store import open_store
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.spools import SETTINGS, FakeClock


async def test_unreadable(tmp_path: Path, clock: FakeClock) -> None:
    """A database that cannot be read now is an error of the spool, in SQLite's words and without any value."""

    def fail(_: Queries) -> None:
        error = sqlite3.OperationalError("text")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR, "SQLITE_IOERR"
        raise error

    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        with pytest.raises(SpoolError, match=r"cannot be read \(SQLITE_IOERR\)"):
            await store.read(fail)
        assert not store.damage.found


async def test_a_table_that_is_gone(tmp_path: Path, clock: FakeClock) -> None:
    """A database that lacks a table is damaged."""
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        await store.write(lambda ledger: ledger._execute("DROP TABLE totals"))
        with pytest.raises(SpoolDamaged):
            await store.read(Queries.totals)


@pytest.mark.parametrize("error", [KeyError(7), TypeError(), ValueError()], ids=repr)
async def test_a_value_that_was_never_written(tmp_path: Path, clock: FakeClock, error: Exception) -> None:
    """A query that fails over a value that no Hilum has written has met damage: it is an error of the spool."""

    def fail(_: Queries) -> None:
        raise error

    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        with pytest.raises(SpoolDamaged):
            await store.read(fail)
        assert store.damage.found
