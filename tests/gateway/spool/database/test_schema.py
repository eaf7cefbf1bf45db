"""Opening a spool's database."""

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.contract.errors import ConfigError
from gateway.spool import SpoolDamaged
from gateway.spool.database.schema import VERSION, Start, connect, prepare
from gateway.spool.payloads.encrypted import Encrypted
from gateway.spool.payloads.seal import Plain, Seal
from tests.gateway.spool.spools import KEY


@contextmanager
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the database of a test."""
    with closing(connect(folder / "spool.db", 1024)) as connection:
        yield connection


def start(folder: Path, seal: Seal) -> Start:
    """Open a spool once and return what it remembers."""
    with database(folder) as connection:
        return prepare(connection, seal)


@pytest.mark.parametrize("seal", [Plain(), Encrypted(KEY)], ids=["plain", "encrypted"])
def test_the_secret_stays(tmp_path: Path, seal: Seal) -> None:
    """A spool makes the same pseudonyms each time it is opened."""
    assert start(tmp_path, seal) == start(tmp_path, seal)


def test_a_key_may_come_later(tmp_path: Path) -> None:
    """A plain spool can be given a key; its pseudonyms stay, its secret is no longer readable."""
    secret = start(tmp_path, Plain()).secret
    assert secret == start(tmp_path, Encrypted(KEY)).secret
    assert secret == start(tmp_path, Encrypted(KEY)).secret
    with database(tmp_path) as connection:
        assert (1,) == connection.execute("SELECT encrypted FROM spool WHERE secret <> ?", (secret,)).fetchone()


@pytest.mark.parametrize(
    ("seal", "problem"),
    [(Plain(), "key_file: is not set"), (Encrypted(bytes(32)), "key_file: holds another key")],
    ids=["no key", "wrong key"],
)
def test_the_key_is_needed(tmp_path: Path, seal: Seal, problem: str) -> None:
    """An encrypted spool is opened with its key only, and says so."""
    start(tmp_path, Encrypted(KEY))
    with pytest.raises(ConfigError, match=problem):
        start(tmp_path, seal)


def test_newer_version(tmp_path: Path) -> None:
    """A spool of a newer Hilum is left alone, and the error names its file and both versions."""
    with database(tmp_path) as connection:
        connection.executescript("CREATE TABLE of_a_newer_one (x); PRAGMA user_version = 99")
        with pytest.raises(ConfigError) as caught:
            prepare(connection, Plain())
    assert (
        f"data_dir: {tmp_path / 'spool.db'}: the spool was written by a newer Hilum: its tables have version 99, and "
        f"this Hilum knows version {VERSION} and older ones; start the newer Hilum, or restore the backup from before "
        "the upgrade"
    ) == str(caught.value)


def test_what_durability_rests_on(tmp_path: Path) -> None:
    """The log is written ahead and flushed with each transaction; only the owner can read it."""
    with database(tmp_path) as connection:
        prepare(connection, Plain())
        values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert ["wal", 2] == values
    assert {"spool.db": 0o600, "spool.db-wal": 0o600, "spool.db-shm": 0o600} == modes


def test_no_database(tmp_path: Path) -> None:
    """A file that is no database is refused, and no connection to it stays open."""
    path = tmp_path / "spool.db"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        connect(path, 1024)
    gc.collect()


def test_a_spool_that_was_made_before(tmp_path: Path) -> None:
    """A spool that lacks later additions gets them when it is opened; its contents stay the same."""
    first = start(tmp_path, Plain())
    with database(tmp_path) as connection:
        connection.executescript(
            "DROP INDEX received; ALTER TABLE spool DROP COLUMN wall; ALTER TABLE spool DROP COLUMN secret_sum"
        )
    assert first == start(tmp_path, Plain())
    with database(tmp_path) as connection:
        assert (1,) == connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'received'").fetchone()
        connection.execute("SELECT wall, secret_sum FROM spool")


DAMAGE = {
    "a flipped bit of the secret": "UPDATE spool SET secret = x'00'",
    "a flag that lies": "UPDATE spool SET encrypted = 1",
    "no row": "DELETE FROM spool",
    "a time that is none": "UPDATE spool SET time = 'x'",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_of_what_it_remembers(tmp_path: Path, damage: str) -> None:
    """What a spool remembers of itself is checked before anything relies on it."""
    start(tmp_path, Plain())
    with database(tmp_path) as connection:
        connection.execute(damage)
        with pytest.raises(SpoolDamaged):
            prepare(connection, Plain())


@pytest.mark.parametrize("seal", [Plain(), Encrypted(KEY)], ids=["plain", "encrypted"])
@pytest.mark.parametrize("version", [0, 1, 2, 7])
def test_a_flipped_version(tmp_path: Path, version: int, seal: Seal) -> None:
    """If all names are those of this version and only the number differs, the number is damaged and is corrected."""
    first = start(tmp_path, seal)
    with database(tmp_path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    assert first == start(tmp_path, seal)


def test_no_version(tmp_path: Path) -> None:
    """Tables without a version that are not those of this one are damaged: nothing is added to them."""
    start(tmp_path, Plain())
    with database(tmp_path) as connection:
        connection.executescript("ALTER TABLE deliveries DROP COLUMN tag; PRAGMA user_version = 0")
    with pytest.raises(SpoolDamaged):
        start(tmp_path, Plain())


def test_only_the_owner_gives_a_key(tmp_path: Path) -> None:
    """A command with the key leaves a spool plain whose gateway may still run without one."""
    start(tmp_path, Plain())
    with database(tmp_path) as connection:
        assert not prepare(connection, Encrypted(KEY), owner=False).encrypted
    assert not start(tmp_path, Plain()).encrypted


SIBLINGS: dict[str, tuple[Seal, str, Seal, bool]] = {
    # the sibling's seal, what is done to it, the new spool's seal: whether that takes its secret
    "plain": (Plain(), "", Plain(), True),
    "encrypted": (Encrypted(KEY), "", Encrypted(KEY), True),
    "a key came later": (Plain(), "", Encrypted(KEY), False),  # anyone may have put it there
    "no key": (Encrypted(KEY), "", Plain(), False),
    "another key": (Encrypted(KEY), "", Encrypted(bytes(32)), False),
    "damaged": (Plain(), "UPDATE spool SET secret = x'00'", Plain(), False),
    "empty": (Plain(), "DELETE FROM spool", Plain(), False),
    "no table": (Plain(), "DROP TABLE spool", Plain(), False),
}


@pytest.mark.parametrize(("theirs", "damage", "ours", "taken"), SIBLINGS.values(), ids=SIBLINGS)
def test_the_secret_of_a_sibling(tmp_path: Path, theirs: Seal, damage: str, ours: Seal, taken: bool) -> None:
    """A new spool makes the pseudonyms of the one beside it, where that can be read; else its own."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    old = start(tmp_path / "old", theirs)
    with database(tmp_path / "old") as connection:
        connection.executescript(damage)
    with database(tmp_path / "new") as connection:
        siblings = [tmp_path / "gone" / "spool.db", tmp_path / "old" / "spool.db"]
        assert taken is (old.secret == prepare(connection, ours, siblings).secret)
    start(tmp_path / "new", ours)
