"""A spool of a Hilum that had no intake log, and one with a log before such a Hilum."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool import Delivered, Plan, Selection, State, open_spool
from gateway.spool.database.schema import LOGGED, OBJECTS, VERSION, note_log, version_of
from gateway.spool.log.files import has_records
from tests.gateway.spool.spools import SETTINGS, FakeClock, commit, folder_of, payload

OLD = Path(__file__).parents[1] / "database" / "old" / "version_3_before_the_log.sql"
"""Written by the last Hilum without a log."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make the spool that it has left, and return its folder."""
    folder = tmp_path / "spool" / "0123456789ab"
    (folder / "bodies").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "spool.db")) as database:
        database.executescript(f"PRAGMA journal_mode = WAL; {OLD.read_text()}")
    return folder


@pytest.mark.usefixtures("folder")
async def test_all_of_it_is_there(tmp_path: Path, clock: FakeClock) -> None:
    """What waited is delivered in order, also before what comes now; what was settled is known and stays so."""
    async with open_spool(tmp_path, SETTINGS, clock=clock) as spool:
        again = await commit(spool, b"MSH|delivered", plan=Plan(("store",), None, "sender|delivered", 3600.0))
        assert ("0123456789ab-1", True) == (again.spool_id, again.duplicate)
        await commit(spool, b"MSH|third", "third", Plan(("store",), "patient"))
        found = []
        while entries := await spool.claim("store", 9):
            for entry in entries:
                assert b"MSH|" + entry.message.message_id.encode() == await payload(entry)
                found.append(entry.message.message_id)
                await spool.settle(entry, Delivered())
        assert ["first", "second", "third"] == [name for name in found if name != "alone"]
        parked = (await spool.find(Selection(state=State.PARKED))).records
        assert ["parked"] == [record.message_id for record in parked]


async def test_an_older_one_refuses_a_log(tmp_path: Path) -> None:
    """While there is something in the log the database says that it is of a newer version, with a table of its own."""
    async with open_spool(tmp_path, SETTINGS) as spool:
        await commit(spool)
        shutil.copytree(tmp_path, tmp_path.parent / f"{tmp_path.name}-killed")
    killed = folder_of(tmp_path.parent / f"{tmp_path.name}-killed")
    assert has_records(killed)
    with closing(sqlite3.connect(killed / "spool.db")) as database:
        assert (LOGGED,) == database.execute("PRAGMA user_version").fetchone()
        assert ("table", "intake_log", "note") in set(database.execute(OBJECTS))
        assert VERSION == version_of(database)
    async with open_spool(killed.parents[1], SETTINGS):
        pass
    for ended in (killed, folder_of(tmp_path)):
        with closing(sqlite3.connect(ended / "spool.db")) as database:
            assert (VERSION,) == database.execute("PRAGMA user_version").fetchone()
            assert ("table", "intake_log", "note") not in set(database.execute(OBJECTS))


def test_the_note(folder: Path) -> None:
    """It is made and removed, however often."""
    with closing(sqlite3.connect(folder / "spool.db")) as database:
        for exists in (True, True, False, False):
            note_log(database, exists=exists)
            assert (LOGGED if exists else VERSION,) == database.execute("PRAGMA user_version").fetchone()
