"""The ledger of a destination: what became of each object, in a SQLite file that outlasts the process.

An object that is being sent is noted before its first octet goes out; every change is written at once, so that after
kill -9 only those objects are sent again that were being sent, and their messages say so (``maybe_stored``). The file
names objects, which may name patients: it is for its owner alone.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from gateway.contract.errors import ConfigError

State = Literal["sending", "stored", "skipped", "refused", "failed"]
"""``sending``: begun. ``stored``: the destination has all of it. ``skipped``: it is there already, or nothing to send.
``refused``: it, or a part of it, is not accepted, however often it is sent. ``failed``: it could not be read or sent;
the next run tries it again."""
DONE = frozenset({"stored", "skipped", "refused"})
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS objects (
    uri BLOB PRIMARY KEY,
    version TEXT NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    stored INTEGER NOT NULL
) WITHOUT ROWID;
-- The parts of objects with several messages: lines, members of a zip file, messages of a batch.
CREATE TABLE IF NOT EXISTS parts (
    uri BLOB NOT NULL,
    part BLOB NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (uri, part)
) WITHOUT ROWID;
"""
MEND = "remove it to import everything again, or name another data_dir"


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of an object."""

    version: str
    size: int
    digest: str
    state: State
    reason: str = ""
    """A sentence without anything of the object."""
    stored: int = 0
    """Messages of it that the destination has."""


class Ledger:
    """Open it with ``with``. Its methods take less than a millisecond: no change waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            self._connection.executescript(SCHEMA)
        except OSError as error:
            raise ConfigError(f"{self._path}: cannot be written: {error.strerror}; correct data_dir") from None
        except sqlite3.Error as error:
            self.__exit__()
            raise ConfigError(f"{self._path}: is no usable ledger ({error}); {MEND}") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def find(self, uri: str) -> Entry | None:
        """Return what is known of an object."""
        with self._used() as connection:
            row = connection.execute(
                "SELECT version, size, digest, state, reason, stored FROM objects WHERE uri = ?", (_octets(uri),)
            ).fetchone()
        return None if row is None else Entry(*row)

    def put(self, uri: str, entry: Entry) -> None:
        """Note what became of an object. The notes on parts of it stay, unless all of it is stored."""
        row = (entry.version, entry.size, entry.digest, entry.state, entry.reason, entry.stored)
        with self._used() as connection:
            connection.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)", (_octets(uri), *row))
            if entry.state in {"stored", "skipped"}:
                connection.execute("DELETE FROM parts WHERE uri = ?", (_octets(uri),))

    def forget(self, uri: str) -> None:
        """Remove what is noted of an object."""
        with self._used() as connection:
            connection.execute("DELETE FROM objects WHERE uri = ?", (_octets(uri),))
            connection.execute("DELETE FROM parts WHERE uri = ?", (_octets(uri),))

    def begin(self, uri: str, version: str, size: int) -> None:
        """Note that an object is being sent; parts of another version of it are forgotten."""
        known = self.find(uri)
        with self._used() as connection:
            if known is not None and known.version != version:
                connection.execute("DELETE FROM parts WHERE uri = ?", (_octets(uri),))
        self.put(uri, Entry(version, size, "", "sending"))

    def part(self, uri: str, part: str) -> tuple[State, str] | None:
        """Return the state and the reason of a part that is done with."""
        with self._used() as connection:
            found = connection.execute(
                "SELECT state, reason FROM parts WHERE uri = ? AND part = ?", (_octets(uri), _octets(part))
            ).fetchone()
        return None if found is None else (found[0], found[1])

    def refused_parts(self, uri: str) -> Iterator[tuple[str, str]]:
        """Yield the name and the reason of each part that was refused."""
        with self._used() as connection:
            rows = connection.execute(
                "SELECT part, reason FROM parts WHERE uri = ? AND state = 'refused'", (_octets(uri),)
            ).fetchall()
        yield from ((os.fsdecode(part), reason) for part, reason in rows)

    def put_part(self, uri: str, part: str, state: State, reason: str) -> None:
        """Note what became of a part."""
        with self._used() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?)", (_octets(uri), _octets(part), state, reason)
            )

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        assert self._connection is not None  # noqa: S101  it is entered
        try:
            yield self._connection
        except sqlite3.Error as error:
            raise ConfigError(f"{self._path}: cannot be used ({error}); make room, or {MEND}") from None


def _octets(uri: str) -> bytes:
    """Return a key as SQLite keeps it: names of files need not be UTF-8."""
    return os.fsencode(uri)
