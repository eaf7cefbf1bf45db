"""Writes rows of several tables in one thread, and keeps the tables compact. Everything here blocks."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from adapters.tables.columns import SchemaConflictError, merged
from adapters.tables.compaction import compact, needs_compaction
from adapters.tables.contract import NoTableError, Table, TableBusyError, TableExistsError, Tables
from adapters.tables.extra import duckdb_connection
from adapters.tables.making import Rows
from adapters.tables.manifest import TableDamagedError
from adapters.tables.parquet import RowsRefusedError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WHAT = "rows"
"""The label that says what the rows of a table are."""


class TableRefusesError(ValueError):
    """The table cannot have these rows, whenever they come; the text says why, without payload."""


class TableUnavailableError(Exception):
    """The table cannot be written now; the text says why."""


class Writers:
    """The tables of one folder that this process writes; each is opened when its first rows come."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._open: dict[str, Table] = {}
        self._stack = ExitStack()
        self._connection: DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.clear()
        self._connection = None
        self._stack.close()

    def write(self, batch: Sequence[Rows]) -> list[Exception | None]:
        """Write what one batch has for each table; return for each of its parts why it is not written, or None."""
        results: list[Exception | None] = [None] * len(batch)
        by_table: dict[str, list[int]] = {}
        for number, each in enumerate(batch):
            by_table.setdefault(each.table, []).append(number)
        for numbers in by_table.values():
            self._write([batch[number] for number in numbers], numbers, results)
        return results

    def _write(self, parts: Sequence[Rows], numbers: Sequence[int], results: list[Exception | None]) -> None:
        try:
            table = self._table(parts[0])
            self._append(table, parts)
        except (TableRefusesError, TableUnavailableError) as error:
            if len(parts) == 1 or isinstance(error, TableUnavailableError):
                for number in numbers:
                    results[number] = error
                return
            for part, number in zip(parts, numbers, strict=True):  # one of them is wrong; the others are not
                self._write([part], [number], results)

    def _append(self, table: Table, parts: Sequence[Rows]) -> None:
        import duckdb  # noqa: PLC0415  the extra `tables` may be absent

        try:
            columns, last = table.manifest.shape.columns, None
            for each in parts:
                if table.manifest.labels.get(WHAT) != each.what:
                    raise TableRefusesError(
                        f"the table has rows of the sort {table.manifest.labels.get(WHAT)}, not {each.what};"
                        " name another table"
                    )
                if each.columns is not last:  # instances of one kind have the same
                    columns, last = merged(columns, each.columns), each.columns
            table.append([row for each in parts for row in each.rows], columns)
            if needs_compaction(table):
                compact(table)
        except (SchemaConflictError, RowsRefusedError) as error:
            raise TableRefusesError(str(error)) from None
        except (OSError, duckdb.Error) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise TableUnavailableError(f"the table cannot be written: {reason}") from None

    def _table(self, rows: Rows) -> Table:
        found = self._open.get(rows.table)
        if found is not None:
            return found
        try:
            try:
                self._tables.manifest(rows.table)
            except NoTableError:
                self._tables.create(rows.table, rows.shape, {WHAT: rows.what})
            if self._connection is None:
                self._connection = self._stack.enter_context(duckdb_connection())
            found = self._stack.enter_context(self._tables.writer(rows.table, self._connection))
        except (TableBusyError, TableDamagedError, TableExistsError) as error:
            raise TableUnavailableError(str(error)) from None
        except OSError as error:
            raise TableUnavailableError(f"the table cannot be opened: {error.strerror}") from None
        self._open[rows.table] = found
        return found
