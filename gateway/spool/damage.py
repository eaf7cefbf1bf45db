"""Tells damage of a spool's database from a fault that passes, such as a full disk or another program's lock."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from gateway.spool.interface import SpoolDamaged

CORRUPT = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_CONSTRAINT,  # new rows keep every constraint, so that it is the old rows that do not
    sqlite3.SQLITE_MISMATCH,
}
ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a damaged database raises: the text of SQLite's error may quote a damaged name that is no text."""
UNEXPECTED = (KeyError, TypeError, ValueError)
"""What a query raises over a value that was never written."""
LACKS = ("no such ", " has no column named ")
"""Parts of SQLite's messages about a table, column or index that does not exist."""
PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_INTERRUPT,
}
"""Errors that may be over when the same is tried again."""
DAMAGED = "the database of the spool is damaged"
CHECKED_BYTES = 256 * 2**20
"""A database up to this size is read through when it is opened, which takes about a second; in a larger one damage
shows when a row is read, and to ``hilum spool verify``."""


class Damage:
    """Whether a spool was found to be damaged; *told* is called when that first shows."""

    def __init__(self) -> None:
        self.found = False
        self.told: Callable[[], None] = lambda: None

    def note(self, error: Exception) -> None:
        """Take note of an error: if it shows damage, the spool is damaged from now on."""
        known = isinstance(error, (SpoolDamaged, *UNEXPECTED)) or code_of(error) in CORRUPT or lacks_something(error)
        if not self.found and known:
            self.found = True
            self.told()


def code_of(error: Exception) -> int | None:
    """Return SQLite's primary result code, if it is one of SQLite's errors."""
    code: int | None = getattr(error, "sqlite_errorcode", None)  # the module's own errors have none
    return None if code is None else code & 0xFF


def lacks_something(error: Exception) -> bool:
    """Tell whether a table, column or index that a statement names is not there: the table of tables is damaged."""
    return code_of(error) == sqlite3.SQLITE_ERROR and any(sign in str(error) for sign in LACKS)


def concerns_all(error: Exception) -> bool:
    """Tell whether an error concerns more than the row that was read; an I/O error may concern that row only."""
    return lacks_something(error) or code_of(error) in PASSING - {sqlite3.SQLITE_IOERR}


def name_of(error: Exception) -> str:
    """Return SQLite's name of its error."""
    return str(getattr(error, "sqlite_errorname", type(error).__name__))


def passes(error: Exception) -> bool:
    """Tell whether the same may succeed when it is tried again."""
    return code_of(error) in PASSING


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Read a database through if it is not too large, and correct its sums; raises SpoolDamaged."""
    if path.stat().st_size <= CHECKED_BYTES:
        if not is_whole(connection):
            raise SpoolDamaged(DAMAGED)
        connection.executescript(f"BEGIN IMMEDIATE; {SUMS} COMMIT;")


def is_whole(connection: sqlite3.Connection) -> bool:
    """Tell whether all pages, rows and indexes fit together."""
    with closing(connection.execute("PRAGMA integrity_check(1)")) as found:
        return found.fetchall() == [("ok",)]


SUMS = """
DELETE FROM totals WHERE coalesce(state IN (0, 1, 2, 3), 0) = 0 OR destination NOT IN (SELECT id FROM destinations);
INSERT OR IGNORE INTO totals SELECT d.id, s.column1, 0, 0 FROM destinations d, (VALUES (0), (1), (2), (3)) s;
UPDATE totals SET (count, size) = (
    SELECT count(*), coalesce(sum(size), 0) FROM deliveries d
    WHERE d.destination = totals.destination AND d.state = totals.state
) WHERE (count, size) IS NOT (
    SELECT count(*), coalesce(sum(size), 0) FROM deliveries d
    WHERE d.destination = totals.destination AND d.state = totals.state
);
UPDATE spool SET held = (SELECT coalesce(sum(m.size), 0) FROM payloads p JOIN messages m ON m.seq = p.message)
WHERE held <> (SELECT coalesce(sum(m.size), 0) FROM payloads p JOIN messages m ON m.seq = p.message);
"""
"""Corrects the sums by the rows."""
