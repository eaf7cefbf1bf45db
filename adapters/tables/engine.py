"""Answers SQL over folders of tables: DuckDB in memory, which reads their segments and nothing else.

A question comes from a person, or from a client of the sandbox: it may read the tables, and no other file, no network
and no setting. DuckDB itself refuses the rest, and its configuration is locked.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from adapters.tables.columns import quoted
from adapters.tables.contract import NoTableError, Tables
from adapters.tables.extra import duckdb_connection, open_duckdb
from adapters.tables.manifest import Manifest
from adapters.tables.views import SEGMENTS, all_rows, current_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ALL_ROWS = "_rows"
"""What is behind the name of a table with a key in the name of the view of all its rows."""
TRIES = 5


class QueryRefusedError(Exception):
    """A query cannot be run; the text says why. DuckDB's own words may quote the query, and values of the tables."""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a query."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    """As DuckDB writes them."""
    rows: Sequence[tuple[Any, ...]]


class Engine:
    """Runs queries over tables by the name of their schema; ``main`` is the one that a query need not name.

    Each query sees the tables as they are when it begins. Several threads may ask at once.
    """

    def __init__(self, schemas: Mapping[str, Tables], *, threads: int = 2, memory: str = "2GB") -> None:
        self._schemas = schemas
        self._threads, self._memory = threads, memory
        self._lock = Lock()
        self._opened: DuckDBPyConnection | None = None
        self._seen: list[tuple[str, Path, Manifest]] = []
        """The tables as they were when the connection was opened: it takes a while to open one."""

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None, *, most: int | None = None
    ) -> Result:
        """Return the answer to one SELECT, or its first *most* rows; raises QueryRefusedError."""
        for left in reversed(range(TRIES)):
            try:
                return self._query(sql, parameters, most)
            except _SegmentGoneError:  # compaction has replaced it for longer than its grace; the manifest knows more
                if not left:
                    raise QueryRefusedError("the tables change faster than the query reads; ask again") from None
        raise AssertionError("unreachable")

    def _query(self, sql: str, parameters: Any, most: int | None) -> Result:
        import duckdb  # noqa: PLC0415  the extra `tables` may be absent

        try:
            with self.connect(sql) as connection:
                connection.execute(sql, parameters)
                description = connection.description or []
                rows = connection.fetchall() if most is None else connection.fetchmany(most)
        except duckdb.IOException as error:
            if self._is_gone(str(error)):
                raise _SegmentGoneError from None
            raise QueryRefusedError(str(error)) from None
        except duckdb.Error as error:
            raise QueryRefusedError(str(error)) from None
        return Result(tuple(each[0] for each in description), tuple(str(each[1]) for each in description), rows)

    @staticmethod
    def _is_gone(message: str) -> bool:
        return f"/{SEGMENTS}/" in message and ("No files found" in message or "No such file" in message)

    @contextmanager
    def connect(self, sql: str) -> Iterator["DuckDBPyConnection"]:
        """Open a connection for one SELECT, with a view for each table that it names; its settings are locked.

        Raises QueryRefusedError for any other statement. Only the segments of those tables can be read.
        """
        with self._lock:
            named = list(self._named(sql))
            if self._opened is None or self._seen != named:
                self.close()
                self._opened, self._seen = self._open(named), named
            cursor = self._opened.cursor()
        try:
            _require_select(cursor, sql)
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Release the memory that DuckDB keeps for the next query; a query that runs goes on."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _named(self, sql: str) -> Iterator[tuple[str, Path, Manifest]]:
        """Yield the tables that a query may mean, as they are now: DuckDB opens the segments of each that has a view.

        A name within another word makes a view for nothing, which does no harm. A query without any, such as `SHOW
        TABLES`, is about all.
        """
        lower = sql.lower()
        for schema, tables in self._schemas.items():
            names = tables.names()
            for name in [each for each in names if each.lower() in lower] or names:
                with suppress(NoTableError):  # dropped meanwhile
                    yield schema, tables.path(name), tables.manifest(name)

    def _open(self, named: Sequence[tuple[str, Path, Manifest]]) -> "DuckDBPyConnection":
        connection = open_duckdb(self._threads, self._memory)
        try:
            for schema in self._schemas:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
            for schema, folder, manifest in named:
                _add(connection, schema, folder, manifest)
            files = [str(folder / SEGMENTS / each.name) for _, folder, found in named for each in found.segments]
            connection.execute("SET allowed_paths = $1", [files])
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
        except BaseException:
            connection.close()
            raise
        return connection


def _add(connection: "DuckDBPyConnection", schema: str, folder: Path, manifest: Manifest) -> None:
    view = f"{quoted(schema)}.{quoted(folder.name)}"
    connection.execute(f"CREATE VIEW {view} AS {current_rows(folder, manifest)}")
    if manifest.shape.key:
        view = f"{quoted(schema)}.{quoted(folder.name + ALL_ROWS)}"
        connection.execute(f"CREATE VIEW IF NOT EXISTS {view} AS {all_rows(folder, manifest)}")


class _SegmentGoneError(Exception):
    """A segment that the manifest named is not there any more."""


def _require_select(connection: "DuckDBPyConnection", sql: str) -> None:
    import duckdb  # noqa: PLC0415  likewise

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefusedError(str(error)) from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryRefusedError("only one SELECT can be asked; nothing else is done here")


def named_in(sql: str) -> set[str] | None:
    """Return the names of tables in a query, in small letters; None if DuckDB cannot tell."""
    import duckdb  # noqa: PLC0415  likewise

    with duckdb_connection(threads=1) as connection:
        try:
            found = connection.get_table_names(sql, qualified=True)
            return {each.lower().replace('"', "").removeprefix("memory.") for each in found}
        except duckdb.Error:
            return None
