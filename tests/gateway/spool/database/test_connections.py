"""The database of a spool's folder, opened."""

import asyncio
from contextlib import AsyncExitStack, ExitStack, closing
from pathlib import Path

import pytest

from gateway.spool import SpoolDamaged
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.schema import connect, read_beside
from gateway.spool.database.store import open_store
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.database.test_ledger import new
from tests.gateway.spool.spools import SETTINGS, FakeClock


async def test_orphans_are_removed(tmp_path: Path, clock: FakeClock) -> None:
    """A file that was written but never committed goes when its owner opens the spool; an operator leaves it."""
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        await store.write(lambda ledger: ledger.add(new(file="kept"), 0.0))
        for name in ("kept", "orphan"):
            (store.bodies / name).touch()
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=False) as store:
        assert {"kept", "orphan"} == {path.name for path in store.bodies.iterdir()}
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        assert {"kept"} == {path.name for path in store.bodies.iterdir()}


async def test_a_commit_that_only_the_log_holds(tmp_path: Path, clock: FakeClock) -> None:
    """What a killed owner had written to the log and nobody could see yet does not come back without its file.

    SQLite writes the log, has it synced, and then says in shared memory how far it goes. Who is killed in between
    leaves a transaction that is not seen as long as another process has the database open, and seen afterwards.
    """
    path, body = tmp_path / "spool.db", tmp_path / "bodies" / "file"
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        assert await store.read(Queries.is_empty)
    with ExitStack() as stack:
        beside = stack.enter_context(closing(read_beside(path)))
        beside.execute("SELECT * FROM spool").fetchall()
        shared = stack.enter_context((tmp_path / "spool.db-shm").open("r+b"))
        seen = shared.read()
        with closing(connect(path, 1024)) as killed:
            killed.execute("BEGIN IMMEDIATE")
            Ledger(killed).add(new(file=body.name), 0.0)
            killed.execute("COMMIT")
        body.touch()
        shared.seek(0)
        shared.write(seen)
        shared.flush()
        async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
            assert await store.read(Queries.is_empty)
            assert not body.exists()
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        assert await store.read(Queries.is_empty)


@pytest.mark.parametrize("change", ["RENAME TO massages", "RENAME COLUMN header TO hebder"])
async def test_tables_that_are_not_ours(tmp_path: Path, clock: FakeClock, change: str) -> None:
    """A spool whose tables or columns have other names is damaged, which shows when it is opened."""
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        await store.write(lambda ledger: ledger._execute(f"ALTER TABLE messages {change}"))
    with pytest.raises(SpoolDamaged):
        async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True):
            pass


async def test_spools_made_together_share_a_secret(tmp_path: Path, clock: FakeClock) -> None:
    """Two first spools that are made at one moment make the same pseudonyms."""
    async with AsyncExitStack() as stack:
        opening = [open_store(tmp_path / "spool" / name, SETTINGS, Plain(), clock, owner=True) for name in "abc"]
        stores = await asyncio.gather(*map(stack.enter_async_context, opening))
        assert 1 == len({store.pseudonyms for store in stores})
