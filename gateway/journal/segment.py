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
    AT_ONCE,
    FINISHED,
    INDICES,
    OPEN,
    OUTCOMES,
    SLOT_BITS,
    TABLES,
    insertion,
)
from gateway.journal.words import Words

CODES = {word: code for code, word in enumerate(OUTCOMES)}
WAIT_SECONDS = 5.0
"""Longest wait for a lock."""
FINISH_MILLISECONDS = 100
"""The same for what needs that nobody reads: rows wait meanwhile."""


Names = tuple[str, str, str, str, str, str, str, str]
"""Listener, peer, address, type, outcome, answer, reason, destination."""
Numbers = tuple[int, int, int, int, int, int, int, int, int]
"""The same, with the address as host and port."""


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
        self._slot = slot
        self._database = database
        self._words = Words(database)
        self.last = last
        """The time of the last row, in microseconds."""
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

    def write(self, rows: Sequence[Row]) -> None:
        """Add *rows*: all or, when an error is raised, none."""
        before = self.last
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for first in range(0, len(rows), AT_ONCE):
                some = rows[first : first + AT_ONCE]
                self._database.execute(insertion(len(some)), self._values(some))
            self._database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            self.last = before
            with suppress(sqlite3.Error):
                self._words.read()
            raise
        self.count += len(rows)

    def _values(self, rows: Sequence[Row]) -> list[int | str]:
        slot, last = self._slot, self.last
        known: dict[Names, Numbers] = {}
        values: list[int | str] = []
        for row in rows:
            # Taken apart as a tuple, because names cost a third more.
            at, message, listener, peer, address, key, kind, octets, outcome, answer, reason, to, attempts, seconds = (
                row
            )
            now = int(at * 1e6)
            last = last + 1 if last >= now else now
            names = listener, peer, address, kind, outcome, answer, reason, to
            if (found := known.get(names)) is None:
                found = known[names] = self._numbers(names)
            in_listener, of_peer, host, port, of_kind, code, answered, why, goal = found
            values += (
                last << SLOT_BITS | slot,
                last - now,
                message,
                key,
                in_listener,
                of_peer,
                host,
                port,
                of_kind,
                octets,
                code,
                answered,
                why,
                goal,
                attempts,
                int(seconds * 1e6),
            )
        self.last = last
        return values

    def _numbers(self, names: Names) -> Numbers:
        """Return the columns for what is the same in many rows."""
        listener, peer, address, kind, outcome, answer, reason, to = names
        words = self._words
        host, port = self._host(address)
        return (
            words[listener],
            words[peer],
            host,
            port,
            words[kind],
            CODES[outcome],
            words[answer],
            words[reason],
            words[to],
        )

    def _host(self, address: str) -> tuple[int, int]:
        """Return the number of the host of *address*, and the port."""
        host, _, port = address.rpartition(":")
        return (self._words[host], int(port)) if port.isdecimal() else (self._words[address], 0)

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
