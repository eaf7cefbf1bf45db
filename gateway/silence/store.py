"""What is known of each peer, on the disk: one table, about 1 KiB a peer, written once an hour and at the end.

Calls block, so they run in a thread. The gateway serves without this file: a fault is told by :class:`StoreFault`, and
a damaged file is set aside. Only SQLite opens the file, but where it makes a new one: closing another descriptor of
it would drop the locks that SQLite has on it in this process (fcntl(2)).
"""

import os
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from pathlib import Path

from gateway.silence.estimator import Estimate
from gateway.silence.judge import NO_LISTENER
from gateway.silence.record import from_octets, to_octets

FILE = "silence.sqlite3"
BUSY_SECONDS = 5.0
MOST_ASIDE = 20
"""Damaged files that are kept."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS peer (
    peer TEXT NOT NULL, listener TEXT NOT NULL, estimate BLOB NOT NULL, PRIMARY KEY (peer, listener)
) STRICT, WITHOUT ROWID
"""
PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}
"""Errors that are no damage: the same may work later."""

Estimates = Mapping[tuple[str, str], Estimate]
"""By peer and listener."""


class StoreFault(Exception):  # noqa: N818  the name describes what it is
    """The file cannot be read or written now; the text is the reason. *set_aside* is where a damaged one is now."""

    def __init__(self, reason: str, set_aside: Path | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.set_aside = set_aside


class Store:
    """The peers of *listeners* in the file; only one process of a gateway uses it.

    Gateways with the same data directory share the file: each reads and replaces the peers of its own listeners only.
    Those of a listener that the configuration has no more stay in it, and nobody judges them.
    """

    def __init__(self, data_dir: Path, listeners: Collection[str], *, may_make: bool = True) -> None:
        self.path = data_dir / FILE
        self._listeners = (*listeners, NO_LISTENER)
        self._may_make = may_make

    def read(self) -> dict[tuple[str, str], Estimate]:
        """Return what was saved; raises StoreFault. A peer whose octets cannot be read is left out: it is new again."""
        if not self.path.exists():
            return {}
        try:
            with closing(self._open()) as connection:
                rows = connection.execute("SELECT peer, listener, estimate FROM peer").fetchall()
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise self._fault(error) from None
        found = {
            (peer, listener): from_octets(octets) for peer, listener, octets in rows if listener in self._listeners
        }
        return {key: estimate for key, estimate in found.items() if estimate is not None}

    def save(self, rows: Mapping[tuple[str, str], bytes]) -> None:
        """Write all peers in place of those of their listeners, all or nothing; raises StoreFault.

        Where there is no data directory and nobody has named one, what was learnt stays in memory.
        """
        if not self._may_make and not self.path.parent.is_dir():
            return
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(self._open()) as connection, connection:
                connection.executemany("DELETE FROM peer WHERE listener = ?", [(each,) for each in self._listeners])
                entries = ((peer, listener, octets) for (peer, listener), octets in rows.items())
                connection.executemany("INSERT INTO peer VALUES (?, ?, ?)", entries)
        except (sqlite3.Error, OSError) as error:
            raise self._fault(error) from None

    def _open(self) -> sqlite3.Connection:
        with suppress(FileExistsError):  # only a file that was not there: see the head of this file
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS)
        try:
            connection.execute(SCHEMA)
        except BaseException:
            connection.close()
            raise
        return connection

    def _fault(self, error: Exception) -> StoreFault:
        if isinstance(error, OSError):
            return StoreFault(error.strerror or type(error).__name__)
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in PASSING:
            return StoreFault(str(error))
        return StoreFault("the file is damaged", self._set_aside())

    def _set_aside(self) -> Path | None:
        """Rename the file and its journal; return its new name, None if that is not possible."""
        names = (self.path.with_name(f"{self.path.name}.damaged-{number}") for number in range(1, MOST_ASIDE + 1))
        aside = next((name for name in names if not name.exists()), None)
        if aside is None:
            return None
        journal = self.path.with_name(f"{self.path.name}-journal")
        try:
            if journal.exists():
                journal.rename(f"{aside}-journal")
            self.path.rename(aside)
        except OSError:
            return None
        return aside


def as_rows(estimates: Estimates) -> dict[tuple[str, str], bytes]:
    """Return the rows of a save, which is written in a thread while the estimates change."""
    return {key: to_octets(estimate) for key, estimate in estimates.items()}
