"""Names of a store's messages on the disk, with a time each: what was passed on, or what Hilum has ingested itself.

Each call is one transaction; it returns after the data is on the disk. Calls block, so they run in a thread.
"""

import os
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS names (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS names_by_time ON names (at);
"""
BUSY_SECONDS = 10.0
AT_ONCE = 500
"""Names that are looked up in one statement."""


def ledger_path(data_dir: Path, folder: str, *subject: str) -> Path:
    """Return the file of a ledger about *subject*: a digest, because names may be too long for a file."""
    return data_dir / folder / f"{sha256(chr(0).join(subject).encode()).hexdigest()[:32]}.sqlite3"


class NameLedger:
    """One file. Several processes may use it at the same time."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; raises OSError or sqlite3.Error if that is not possible."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only a file that was not there: closing a descriptor of it would drop the locks that another connection of
        # this process has on it (fcntl(2)), and another process could then remove the write-ahead log under it.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._connection.executescript(SCHEMA)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def state(self) -> Mapping[str, int]:
        """Return all numbers that were written."""
        with closing(self._connection.execute("SELECT key, value FROM state")) as rows:
            return dict(rows.fetchall())

    def names(self, since: int = 0) -> Mapping[str, int]:
        """Return all names from a time on, with their times."""
        with closing(self._connection.execute("SELECT name, at FROM names WHERE at >= ?", (since,))) as rows:
            return dict(rows.fetchall())

    def known(self, names: Collection[str]) -> set[str]:
        """Return those of *names* that are in the ledger."""
        asked, found = list(names), set[str]()
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            places = ", ".join("?" * len(some))
            rows = self._connection.execute(f"SELECT name FROM names WHERE name IN ({places})", some)  # noqa: S608
            found |= {name for (name,) in rows}
        return found

    def remove(self, names: Iterable[str]) -> None:
        """Remove names."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany("DELETE FROM names WHERE name = ?", [(name,) for name in names])
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def add(
        self, names: Iterable[tuple[str, int]], state: Mapping[str, int] | None = None, forget_before: int | None = None
    ) -> None:
        """Add names, set numbers, and remove the names from before a time, all or nothing."""
        numbers = (state or {}).items()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany("INSERT OR REPLACE INTO names (name, at) VALUES (?, ?)", names)
            self._connection.executemany("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", numbers)
            if forget_before is not None:
                self._connection.execute("DELETE FROM names WHERE at < ?", (forget_before,))
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
