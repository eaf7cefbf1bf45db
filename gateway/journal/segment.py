"""One open segment: a SQLite file to which rows are added, until it is full and gets its indices.

Only SQLite opens and closes the file. If this process opened it otherwise and closed it, the system would drop the
locks that SQLite has on it (fcntl locks belong to the process), and another process could damage it.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from gateway.contract.journal import Row
from gateway.journal.folder import hand_over
from gateway.journal.schema import (
    APPLICATION_ID,
    FINISHED,
    INDICES,
    OPEN,
    SLOT_BITS,
    TABLES,
    insertion,
    pieces,
)
from gateway.journal.values import Values
from gateway.journal.words import Words

WAIT_SECONDS = 5.0
"""Longest wait for a lock."""
FINISH_MILLISECONDS = 100
"""The same for what needs that nobody reads: rows wait meanwhile."""


class NotOurs(sqlite3.DatabaseError):
    """The file is no segment of a journal."""


class Finished(sqlite3.DatabaseError):
    """The segment is full: nothing is added any more."""

    def __init__(self, last: int) -> None:
        super().__init__("it is finished")
        self.last = last
        """The time of its last row, in microseconds."""


class Segment:
    """A file that this process alone writes."""

    def __init__(self, path: Path, slot: int, database: sqlite3.Connection, last: int = 0) -> None:
        self.path = path
        self._database = database
        self._values = Values(slot, Words(database), last)
        self.count: int = database.execute("SELECT count(*) FROM rows").fetchone()[0]
        """Number of rows."""

    @classmethod
    def create(cls, path: Path, slot: int, last: int = 0) -> Self:
        """Begin a segment at *path*; its rows are later than *last*, in microseconds. Raises sqlite3.Error."""
        database = _connected(path, "rwc")
        try:
            path.chmod(0o600)
            hand_over(path)
            database.execute("PRAGMA journal_mode=WAL")
            version = f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={OPEN};"
            database.executescript(f"BEGIN; {TABLES} {version} COMMIT;")
            return cls(path, slot, database, last)
        except BaseException:
            database.close()
            raise

    @classmethod
    def resume(cls, path: Path, slot: int) -> Self:
        """Go on with a segment that an earlier process has begun. Raises sqlite3.Error, such as Finished."""
        database = _connected(path, "rw")
        try:
            if _number(database, "PRAGMA application_id") != APPLICATION_ID:
                raise NotOurs("it is no segment of a journal")
            last = _number(database, "SELECT max(seq) FROM rows") >> SLOT_BITS
            if _number(database, "PRAGMA user_version") != OPEN:
                raise Finished(last)
            return cls(path, slot, database, last)
        except BaseException:
            database.close()
            raise

    @property
    def last(self) -> int:
        """The time of the last row, in microseconds."""
        return self._values.last

    def write(self, rows: Sequence[Row]) -> None:
        """Add *rows*: all or, when an error is raised, none."""
        before = self.last
        self._database.execute("BEGIN IMMEDIATE")
        try:
            first = 0
            for piece in pieces(len(rows)):
                self._database.execute(insertion(piece), self._values.of(rows[first : first + piece]))
                first += piece
            self._database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            with suppress(sqlite3.Error):
                self._values.forget(before)
            raise
        self.count += len(rows)

    def finish(self) -> None:
        """Add the indices, for which SQLite does not hold the interpreter, and close the file."""
        try:
            for each in INDICES:
                self._database.execute(each)
            self._database.execute(f"PRAGMA user_version={FINISHED}")
            self._database.execute(f"PRAGMA busy_timeout={FINISH_MILLISECONDS}")
            with suppress(sqlite3.OperationalError):  # a reader has it open: it stays as it is, and can be read
                self._database.execute("PRAGMA journal_mode=DELETE")
        finally:
            self.close()

    def close(self) -> None:
        """Close the file; a later process may go on with it."""
        self._database.close()


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    database = sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA synchronous=NORMAL")
    return database


def _number(database: sqlite3.Connection, statement: str) -> int:
    return int(database.execute(statement).fetchone()[0] or 0)
