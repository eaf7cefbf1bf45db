"""A spool's folder, opened."""

from pathlib import Path

import pytest

from gateway.spool import SpoolDamaged
from gateway.spool.database.store import open_store
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.database.test_ledger import new
from tests.gateway.spool.spools import SETTINGS, FakeClock


async def test_it_remembers(tmp_path: Path, clock: FakeClock) -> None:
    """The octets held and the time of the last write outlive the process."""
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        now = store.clock.now()
        await store.write(lambda ledger: ledger.add(new(), now))
    clock.now -= 3600
    async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True) as store:
        assert (3, now) == (store.room.held, store.clock.now())


async def test_private(tmp_path: Path, clock: FakeClock) -> None:
    """Nobody but the owner can look into the folders."""
    async with open_store(tmp_path / "spool" / "one", SETTINGS, Plain(), clock, owner=True) as store:
        assert [0o700, 0o700] == [path.stat().st_mode & 0o777 for path in (store.folder, store.bodies)]


async def test_not_a_database(tmp_path: Path, clock: FakeClock) -> None:
    """A spool that cannot be opened is named, with the reason."""
    (tmp_path / "spool.db").write_bytes(b"no database" * 100)
    with pytest.raises(SpoolDamaged, match="SQLITE_NOTADB"):
        async with open_store(tmp_path, SETTINGS, Plain(), clock, owner=True):
            pass
