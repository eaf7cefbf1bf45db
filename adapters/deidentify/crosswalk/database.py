"""The database of a crosswalk file: SQLite, shared by all processes that de-identify with it.

``entries`` has a row for each pseudonym: the keyed tag of the identifier, the keyed tag of the pseudonym, and both of
them sealed. Nobody reads an identifier, a pseudonym or their number of letters from it without the key; the number of
rows shows.
"""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from adapters.deidentify.crosswalk.sealing import Entry, Sealer
from adapters.deidentify.errors import CrosswalkError

APPLICATION_ID = 0x48584C4B
VERSION = 1
WAIT_SECONDS = 30.0
"""How long a process waits for another one that writes."""
MARK = Entry("", "mark", "", "", "")
"""The entry by which a key is recognised."""
NOT_OURS = "it is no crosswalk of Hilum; name another file"
OTHER_KEY = "it was made with another key; name the key_file that it was made with, or another crosswalk_file"
NEWER = "it was made by a newer Hilum; use that one"
SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS entries (tag BLOB PRIMARY KEY, pseudonym BLOB UNIQUE, sealed BLOB NOT NULL) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
"""


def connect(path: Path, sealer: Sealer) -> sqlite3.Connection:
    """Open the file for writing, and make it if it is missing; raises CrosswalkError if it cannot be used."""
    try:
        _make(path)
        connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, sealer)
            sync_folder(path.parent)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise unusable(error) from None
    return connection


def check(path: Path, sealer: Sealer) -> None:
    """Raise CrosswalkError if the file cannot be used, or if it is missing and cannot be made; change nothing."""
    try:
        if path.exists():
            _require_file(path)
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                _recognise(connection, sealer)
        elif not os.access(path.parent, os.W_OK | os.X_OK):
            raise CrosswalkError(f"it cannot be made in {path.parent}; make that folder, writable for Hilum's user")
    except (sqlite3.Error, OSError) as error:
        raise unusable(error) from None


def unusable(error: sqlite3.Error | OSError) -> CrosswalkError:
    """Return the error with the reason: only the name of the error, since its text may quote what was written."""
    if isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
        return CrosswalkError(NOT_OURS)
    name = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None) or type(error).__name__
    return CrosswalkError(f"the crosswalk file cannot be used now: {name}")


def sync_folder(folder: Path) -> None:
    """Put the names of the files in a folder on stable storage."""
    sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def sync(path: Path, flags: int = os.O_RDWR) -> None:
    """Put a file on stable storage."""
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(path: Path) -> None:
    """Make an empty file for the owner alone.

    A file that exists is not opened: its POSIX locks, which SQLite relies on, would go when it is closed.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        _require_file(path)


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise CrosswalkError(NOT_OURS)


def _prepare(connection: sqlite3.Connection, sealer: Sealer) -> None:
    if _is_empty(connection):
        _use_wal(connection)
        connection.executescript(SCHEMA)
        try:
            row = sealer.tag(MARK.purpose), sealer.seal(MARK)
            if not connection.execute("SELECT 1 FROM entries LIMIT 1").fetchone():
                connection.execute("INSERT INTO entries (tag, sealed) VALUES (?, ?)", row)
        finally:
            connection.execute("COMMIT")
    _recognise(connection, sealer)
    # A process that is killed loses nothing; what a power failure must not take is synced before it is used (`settle`).
    connection.execute("PRAGMA synchronous = NORMAL")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Change to the write-ahead log; SQLite does not wait by itself for another process that does the same."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Whether nothing is in the file, not even the mark: it is new, or being made by another process."""
    return not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


def _recognise(connection: sqlite3.Connection, sealer: Sealer) -> None:
    """Raise CrosswalkError if the file is no crosswalk, or of another key. An empty file is a new one."""
    if _is_empty(connection):
        return
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise CrosswalkError(NOT_OURS)
    if connection.execute("PRAGMA user_version").fetchone()[0] > VERSION:
        raise CrosswalkError(NEWER)
    row = connection.execute("SELECT sealed FROM entries WHERE tag = ?", [sealer.tag(MARK.purpose)]).fetchone()
    if row is None:
        raise CrosswalkError(OTHER_KEY)
    sealer.open(row[0])
