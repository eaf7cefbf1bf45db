"""Tables as the sandbox's BigQuery uses them: by folder and name, with the errors that it has to tell."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from adapters.tables.columns import SchemaConflictError, column_of, merged
from adapters.tables.contract import NoTableError, TableBusyError, TableExistsError, Tables
from adapters.tables.engine import Engine, QueryRefusedError
from adapters.tables.extra import MISSING, duckdb_connection
from adapters.tables.fhir.rows import ROW, row_of
from adapters.tables.loading import columns_of, load
from adapters.tables.manifest import MANIFEST, Shape, TableDamagedError
from adapters.tables.parquet import RowsRefusedError, write_rows
from gateway.contract.warehouse import Problem, TableState, WarehouseError

T = TypeVar("T")
PROBLEMS: tuple[tuple[type[Exception], Problem], ...] = (
    (NoTableError, "missing"),
    (TableExistsError, "exists"),
    (RowsRefusedError, "rows"),
    (SchemaConflictError, "rows"),
    (TableBusyError, "busy"),
    (TableDamagedError, "damaged"),
    (QueryRefusedError, "query"),
    (ValueError, "rows"),
)


def _told(work: Callable[[], T]) -> T:
    try:
        return work()
    except ImportError:
        raise WarehouseError("engine", f"BigQuery in the sandbox {MISSING}") from None
    except tuple(kind for kind, _ in PROBLEMS) as error:
        problem = next(each for kind, each in PROBLEMS if isinstance(error, kind))
        raise WarehouseError(problem, str(error)) from None


@contextmanager
def _as_paths(files: Sequence[bytes]) -> Iterator[list[Path]]:
    """Write *files* where DuckDB can read them, which only their owner can, and remove them at the end."""
    with TemporaryDirectory(prefix="hilum-") as folder:
        paths = [Path(folder) / f"{number}.parquet" for number in range(len(files))]
        for path, content in zip(paths, files, strict=True):
            path.write_bytes(content)
        yield paths


class FoldersOfBigQuery:
    """Tables in folders."""

    def names(self, folder: Path) -> list[str]:
        """Return the names of the tables of a folder."""
        return Tables(folder).names()

    def state(self, folder: Path, name: str) -> TableState:
        """Return what a table is now."""
        return _told(lambda: self._state(Tables(folder), name))

    @staticmethod
    def _state(tables: Tables, name: str) -> TableState:
        found = tables.manifest(name)
        changed = (tables.path(name) / MANIFEST).stat().st_mtime
        fields = [each.as_json() for each in found.shape.columns]
        octets = sum(each.bytes for each in found.segments)
        return TableState(fields, found.rows, octets, found.generation, changed, found.labels)

    def create(self, folder: Path, name: str, fields: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> None:
        """Make an empty table."""
        _told(lambda: Tables(folder).create(name, Shape(tuple(map(column_of, fields))), labels))

    def change(self, folder: Path, name: str, fields: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> None:
        """Add columns to a table, and replace its labels."""

        def work() -> None:
            with Tables(folder).writer(name) as table:
                columns = tuple(map(column_of, fields))
                shape = table.manifest.shape
                if merged(shape.columns, columns) != shape.columns:
                    table.append([], columns)
                table.commit(labels=labels)

        _told(work)

    def drop(self, folder: Path, name: str) -> None:
        """Remove a table."""
        _told(lambda: Tables(folder).drop(name))

    def append(self, folder: Path, name: str, rows: Sequence[Mapping[str, Any]], *, truncate: bool = False) -> None:
        """Add rows, all or none; with *truncate*, instead of those that are there."""

        def work() -> None:
            with Tables(folder).writer(name) as table:
                if not truncate:
                    table.append(rows)
                elif not rows:
                    table.truncate()
                else:  # one commit: whoever is killed leaves the old rows or the new ones
                    first, old = table.manifest.next_row, table.manifest.segments
                    segment = write_rows(table.connection, table.folder, table.manifest.shape, rows, first)
                    table.commit(added=[segment], removed=old, next_row=first + len(rows))

        _told(work)

    def parquet_fields(self, files: Sequence[bytes]) -> list[dict[str, Any]]:
        """Return the columns that files of Parquet have, as BigQuery writes them."""

        def work() -> list[dict[str, Any]]:
            with _as_paths(files) as paths, duckdb_connection() as connection:
                return [each.as_json() for each in columns_of(connection, paths)]

        return _told(work)

    def append_parquet(self, folder: Path, name: str, files: Sequence[bytes], *, truncate: bool = False) -> int:
        """Add the rows of files of Parquet, as :meth:`append` does; return how many they are."""

        def work() -> int:
            with _as_paths(files) as paths, Tables(folder).writer(name) as table:
                return load(table, paths, instead=truncate)

        return _told(work)

    def fhir_row(self, resource: Mapping[str, Any], depth: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return a FHIR resource as a row of ANALYTICS_V2, and its columns, as BigQuery writes them."""
        made = _told(lambda: row_of(resource, "", depth=depth))
        own = {each.name for each in ROW}
        row = {name: value for name, value in made.row.items() if name not in own}
        return row, [each.as_json() for each in made.columns if each.name not in own]

    def query(self, folders: Mapping[str, Path], sql: str, most: int) -> list[tuple[Any, ...]]:
        """Return the first rows of a SELECT over the tables of *folders*."""
        engine = Engine({schema: Tables(folder) for schema, folder in folders.items()})
        try:
            return list(_told(lambda: engine.query(sql, most=most).rows))
        finally:
            engine.close()
