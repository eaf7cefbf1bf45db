"""The ledger of a pipeline: which objects there are, in which versions, and what is forgotten. SQLite.

It is written only where something has changed. It names objects, and patients who are forgotten: it is on the
identified side, for its owner alone.
"""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from adapters.pipeline.contract import Reference
from gateway.contract.errors import ConfigError

What = Literal["image", "report"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    hospital TEXT NOT NULL,
    what TEXT NOT NULL,
    key BLOB NOT NULL,
    version TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified TEXT NOT NULL,
    number INTEGER NOT NULL,
    current INTEGER NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (hospital, what, key, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (
    hospital TEXT NOT NULL,
    what TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (hospital, what, value)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A version of an object that was listed once."""

    what: What
    reference: Reference
    number: int
    """Counts versions in the order in which they were first seen."""
    is_current: bool
    """Whether the bucket has it still."""
    result: str = ""
    """Of reports, the name of its last result: a version that the bucket has no more cannot be read again."""


class Ledger:
    """Open it with ``with``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            self._connection.execute("PRAGMA secure_delete = ON")  # what is forgotten leaves no traces in the file
            self._connection.executescript(SCHEMA)
        except OSError as error:
            raise ConfigError(f"pipeline.tables: {self._path} cannot be written: {error.strerror}") from None
        except sqlite3.Error as error:
            self.__exit__()
            raise ConfigError(f"pipeline.tables: {self._path} is no usable ledger ({error}); restore it") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def known(self) -> list[Known]:
        """Return all versions, in the order in which they were first seen."""
        with self._used() as connection:
            rows = connection.execute(
                "SELECT what, hospital, key, version, size, modified, number, current, result"
                " FROM objects ORDER BY number"
            ).fetchall()
        return [
            Known(what, Reference(hospital, os.fsdecode(key), version, size, modified), number, bool(current), result)
            for what, hospital, key, version, size, modified, number, current, result in rows
        ]

    def listed(self, what: What, hospital: str, references: Collection[Reference]) -> None:
        """Take note of a listing of one hospital that is complete: what is not in it is current no more."""
        before = [each for each in self.known() if (each.what, each.reference.hospital) == (what, hospital)]
        before = [each for each in self.known() if (each.what, each.reference.hospital) == (what, hospital)]
        known = {each.reference: each for each in before}
        new = [each for each in references if each not in known]
        turned = [
            (int(reference in references), hospital, what, _octets(reference.key), reference.version)
            for reference, each in known.items()
            if each.is_current != (reference in references)
        ]
        if not new and not turned:
            return
        with self._used() as connection:
            connection.execute("BEGIN IMMEDIATE")
            first = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM objects").fetchone()[0]
            connection.executemany(
                "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, 1, '')",
                [
                    (hospital, what, _octets(each.key), each.version, each.size, each.modified, number)
                    for number, each in enumerate(new, first)
                ],
            )
            if what == "image":  # of which an older version is of no use
                connection.executemany(
                    "DELETE FROM objects WHERE NOT ? AND hospital = ? AND what = ? AND key = ? AND version = ?", turned
                )
            connection.executemany(
                "UPDATE objects SET current = ? WHERE hospital = ? AND what = ? AND key = ? AND version = ?", turned
            )
            connection.execute("COMMIT")

    def resulted(self, results: Iterable[tuple[Known, str]]) -> None:
        """Take note of the names of results."""
        rows = [
            (name, each.reference.hospital, each.what, _octets(each.reference.key), each.reference.version)
            for each, name in results
            if each.result != name
        ]
        if rows:
            with self._used() as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(
                    "UPDATE objects SET result = ? WHERE hospital = ? AND what = ? AND key = ? AND version = ?", rows
                )
                connection.execute("COMMIT")

    def forgotten(self, hospital: str, what: str) -> frozenset[str]:
        """Return what is forgotten of a hospital: ``uid`` or ``accession``."""
        with self._used() as connection:
            rows = connection.execute("SELECT value FROM forgotten WHERE hospital = ? AND what = ?", (hospital, what))
            return frozenset(os.fsdecode(value) for (value,) in rows.fetchall())

    def forget(self, hospital: str, what: str, values: Iterable[str]) -> None:
        """Take note of what is to be forgotten, for good."""
        with self._used() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO forgotten VALUES (?, ?, ?)",
                [(hospital, what, _octets(each)) for each in sorted(values)],
            )

    def unforget(self, hospital: str, what: str, value: str) -> None:
        """Remove a note."""
        with self._used() as connection:
            row = (hospital, what, _octets(value))
            connection.execute("DELETE FROM forgotten WHERE hospital = ? AND what = ? AND value = ?", row)

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        assert self._connection is not None  # noqa: S101  it is entered
        try:
            yield self._connection
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise ConfigError(f"pipeline.tables: {self._path} cannot be used ({error}); make room") from None


def _octets(text: str) -> bytes:
    """Return a key as SQLite keeps it: names of files need not be UTF-8."""
    return os.fsencode(text)
