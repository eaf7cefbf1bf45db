"""A folder of tables, and a table that rows are added to: one writer, any number of readers.

A table is a folder of Parquet segments and a manifest. A segment is written under another name, synced and renamed,
and then the manifest is replaced in the same way: a reader sees all rows of an :meth:`Table.append`, or none, and a
process that is killed leaves nothing that anybody reads. The methods block; call them in a thread.
"""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.tables import manifest as manifests
from adapters.tables.columns import Column, merged
from adapters.tables.extra import duckdb_connection
from adapters.tables.manifest import MANIFEST, Manifest, Retired, Segment, Shape
from adapters.tables.parquet import UNFINISHED, write_query, write_rows
from adapters.tables.views import ROW, SEGMENTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,254}\Z")
GRACE_SECONDS = 60.0
"""How long a segment that compaction has replaced stays, for queries that have begun with it."""


class TableExistsError(Exception):
    """There is a table of this name already."""


class NoTableError(LookupError):
    """There is no table of this name."""


class TableBusyError(Exception):
    """Another process, or another part of this one, writes to the table now."""


class Tables:
    """The tables below one folder. Two tables of one folder may not differ in upper and lower case only."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock

    def names(self) -> list[str]:
        """Return the names of all tables."""
        return sorted(each.parent.name for each in self.folder.glob(f"*/{MANIFEST}") if NAME.match(each.parent.name))

    def manifest(self, name: str) -> Manifest:
        """Return what the table is now; raises NoTableError, or TableDamagedError if its manifest cannot be read."""
        try:
            return manifests.read(self.path(name))
        except (FileNotFoundError, NotADirectoryError):
            raise NoTableError(f"there is no table {name!r}") from None

    def path(self, name: str) -> Path:
        """Return the folder of a table; raises ValueError if *name* cannot be the name of one."""
        if not NAME.match(name):
            raise ValueError("the name of a table has letters, digits, _ and -, and at most 255 of them; rename it")
        return self.folder / name

    def create(self, name: str, shape: Shape, labels: Mapping[str, str] | None = None) -> None:
        """Make an empty table; raises TableExistsError."""
        folder = self.path(name)
        with self._locked(folder, make=True):
            if (folder / MANIFEST).exists() or name.lower() in (each.lower() for each in self.names()):
                raise TableExistsError(f"there is a table {name!r} already")
            manifests.write(folder, Manifest(shape, labels=labels or {}))
            manifests.sync_folder(self.folder)

    def drop(self, name: str) -> None:
        """Remove a table with its rows; raises NoTableError, or TableBusyError while it is written."""
        folder = self.path(name)
        self.manifest(name)
        with self._locked(folder):
            (folder / MANIFEST).unlink(missing_ok=True)  # from here on there is no table, whatever happens
            manifests.sync_folder(folder)
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def writer(self, name: str, connection: "DuckDBPyConnection | None" = None) -> Iterator["Table"]:
        """Be the one writer of a table; raises NoTableError, or TableBusyError if there is another one.

        Who writes several tables in one thread passes a *connection* for all: each has threads of its own.
        """
        folder = self.path(name)
        self.manifest(name)
        with self._locked(folder):
            found = self.manifest(name)
            shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
            (folder / UNFINISHED).mkdir(mode=0o700, exist_ok=True)
            own = duckdb_connection(spill=folder / UNFINISHED) if connection is None else nullcontext(connection)
            with own as used:
                table = Table(folder, found, used, self._clock)
                table.remove_unnamed()
                yield table

    @contextmanager
    def _locked(self, folder: Path, *, make: bool = False) -> Iterator[None]:
        if make:
            for each in (self.folder, folder, folder / SEGMENTS, folder / UNFINISHED):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            raise NoTableError(f"there is no table {folder.name!r}") from None
        with os.fdopen(descriptor, "rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise TableBusyError(
                    f"table {folder.name!r}: another process writes to it now; stop it, or try again later"
                ) from None
            yield


class Table:
    """A table, for its one writer."""

    def __init__(
        self, folder: Path, found: Manifest, connection: "DuckDBPyConnection", clock: Callable[[], float]
    ) -> None:
        self.folder = folder
        self.manifest = found
        self.connection = connection
        self._clock = clock

    def append(self, rows: Sequence[Mapping[str, Any]], columns: Iterable[Column] = ()) -> None:
        """Add *rows* durably, all or none. A column that is missing in a row is NULL.

        Dates and times are texts in ISO 8601, BYTES texts in DuckDB's escapes. *columns* are added to those of the
        table first, also within RECORDs. Raises SchemaConflictError and RowsRefusedError.
        """
        shape = self._widened(columns)
        if not rows:
            self.commit(shape=shape)
            return
        first = self.manifest.next_row
        segment = write_rows(self.connection, self.folder, shape, rows, first)
        self.commit(shape=shape, added=[segment], next_row=first + len(rows))

    def append_query(self, query: str, columns: Iterable[Column] = (), *, instead: bool = False) -> int:
        """Add the rows of a SELECT that is not from a stranger: it runs without any lock. Return how many they are.

        With *instead* they come in the place of those that are there, in one commit.
        """
        shape, first = self._widened(columns), self.manifest.next_row
        numbered = f"SELECT *, {first} - 1 + row_number() OVER () AS {ROW} FROM ({query})"
        segment = write_query(self.connection, self.folder, shape, numbered)
        old = self.manifest.segments if instead else ()
        self.commit(shape=shape, added=[segment], removed=old, next_row=first + segment.rows)
        return segment.rows

    def truncate(self) -> None:
        """Remove all rows; the columns stay."""
        self.commit(removed=self.manifest.segments)

    def _widened(self, columns: Iterable[Column]) -> Shape:
        shape = self.manifest.shape
        wider = merged(shape.columns, columns)
        return shape if wider == shape.columns else replace(shape, columns=wider)

    def commit(
        self,
        *,
        shape: Shape | None = None,
        added: Iterable[Segment] = (),
        removed: Iterable[Segment] = (),
        next_row: int | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Replace the manifest; segments that are removed stay on the disk for those who read them now."""
        now, gone = self._clock(), {each.name for each in removed}
        old = [each for each in self.manifest.retired if each.until > now]
        are_over = len(old) < len(self.manifest.retired)
        self.manifest = manifests.write(
            self.folder,
            replace(
                self.manifest,
                shape=shape or self.manifest.shape,
                segments=(*(each for each in self.manifest.segments if each.name not in gone), *added),
                retired=(*old, *(Retired(each, now + GRACE_SECONDS) for each in sorted(gone))),
                next_row=self.manifest.next_row if next_row is None else next_row,
                labels=self.manifest.labels if labels is None else labels,
            ),
        )
        if are_over:
            self.remove_unnamed()

    def remove_unnamed(self) -> None:
        """Remove the segments that nobody can read any more: retired ones, and those of a killed writer."""
        now = self._clock()
        kept = {each.name for each in self.manifest.segments}
        kept |= {each.name for each in self.manifest.retired if each.until > now}
        for each in (self.folder / SEGMENTS).iterdir():
            if each.name not in kept:
                each.unlink(missing_ok=True)
