"""What operators do with tables: see what there is, compact it, check it, ask it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.tables.columns import quoted, text
from adapters.tables.compaction import compact
from adapters.tables.contract import NoTableError, TableBusyError, Tables
from adapters.tables.engine import ALL_ROWS, Engine, QueryRefusedError, named_in
from adapters.tables.extra import MISSING, duckdb_connection, is_installed
from adapters.tables.loading import columns_of, load
from adapters.tables.manifest import Manifest, Segment, Shape, TableDamagedError
from adapters.tables.views import SEGMENTS
from gateway.contract.tables import Answer, TableFacts, TablesError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAIN = "main"
Found = TypeVar("Found")


def open_tables(folders: Mapping[str, Path]) -> "FoldersOfTables":
    """Return the tables of *folders*, by schema; raises TablesError without DuckDB."""
    if not is_installed():
        raise TablesError(f"this {MISSING}")
    return FoldersOfTables({schema: Tables(folder) for schema, folder in folders.items()})


class FoldersOfTables:
    """Tables by the name of their schema. A table of another schema than ``main`` is called ``schema.table``."""

    def __init__(self, schemas: Mapping[str, Tables]) -> None:
        self._schemas = schemas

    def facts(self) -> list[TableFacts]:
        """Return what there is; a table that cannot be read raises TablesError."""
        found = []
        for schema, tables in self._schemas.items():
            for name in tables.names():
                manifest = _told(lambda tables=tables, name=name: tables.manifest(name))  # type: ignore[misc]
                what = manifest.labels.get("rows", "")
                size = sum(each.bytes for each in manifest.segments)
                found.append(TableFacts(_full(schema, name), what, manifest.rows, len(manifest.segments), size))
        return found

    def schema(self, name: str) -> list[dict[str, Any]]:
        """Return the columns as BigQuery writes them."""
        tables, short = self._table(name)
        manifest = _told(lambda: tables.manifest(short))
        return [each.as_json() for each in manifest.shape.columns]

    def compact(self, name: str) -> str:
        """Merge the segments of a table; it must not be written meanwhile."""
        tables, short = self._table(name)

        def merge() -> str:
            with tables.writer(short) as table:
                done = compact(table, whole=True)
            return f"{done.segments_before} segments became {done.segments_after}, with {done.rows} rows"

        return _told(merge)

    def load(self, name: str, files: Sequence[Path]) -> int:
        """Add the rows of Parquet files to a table, which is made if need be; return how many they are."""
        tables, short = self._table(name)

        def add() -> int:
            for each in files:
                each.open("rb").close()  # a file that is not there is told by its name
            if short not in tables.names():
                with duckdb_connection() as connection:
                    tables.create(short, Shape(columns_of(connection, files)), {"rows": "parquet"})
            with tables.writer(short) as table:
                return load(table, files)

        return _told(add)

    def problems(self, name: str) -> list[str]:
        """Return which segments are missing or damaged, or do not hold what the manifest says."""
        tables, short = self._table(name)
        manifest = _told(lambda: tables.manifest(short))
        with duckdb_connection() as connection:
            return list(_problems(connection, tables.path(short), manifest))

    def query(self, sql: str, most: int | None) -> Answer:
        """Return the answer to one SELECT."""
        engine = Engine(self._schemas)
        try:
            found = _told(lambda: engine.query(sql, most=most))
        finally:
            engine.close()
        return Answer(found.names, found.rows)

    def named(self, sql: str) -> list[str]:
        """Return the tables that a query names; of one that cannot be read, those whose names are in it."""
        found = named_in(sql)
        names = [_full(schema, name) for schema, tables in self._schemas.items() for name in tables.names()]
        if found is None:
            return [each for each in names if each.rpartition(".")[2].lower() in sql.lower()]
        return [each for each in names if not found.isdisjoint(_ways_to_name(each))]

    def _table(self, name: str) -> tuple[Tables, str]:
        schema, _, short = name.rpartition(".")
        tables = self._schemas.get(schema or MAIN)
        if tables is None:
            raise TablesError(f"{name}: there is no schema {schema!r}; there are {', '.join(self._schemas)}")
        return tables, short


def _ways_to_name(table: str) -> Iterator[str]:
    """Yield the names that a query may use for a table, and for the view of all its rows."""
    for each in (table.lower(), f"{MAIN}.{table}".lower()):
        yield from (each, each + ALL_ROWS)


def _full(schema: str, name: str) -> str:
    return name if schema == MAIN else f"{schema}.{name}"


def _told(act: Callable[[], Found]) -> Found:
    """Return what *act* returns; what is wrong becomes a TablesError."""
    try:
        return act()
    except FileNotFoundError as error:
        raise TablesError(f"{error.filename}: there is no such file") from None
    except OSError as error:
        raise TablesError(f"the tables cannot be read: {error.strerror}; run this as the user of hilum serve") from None
    except (NoTableError, TableBusyError, TableDamagedError, QueryRefusedError, ValueError) as error:
        raise TablesError(str(error)) from None


def _problems(connection: "DuckDBPyConnection", folder: Path, manifest: Manifest) -> Iterator[str]:
    import duckdb  # noqa: PLC0415  the extra `tables` may be absent

    for each in manifest.segments:
        path = folder / SEGMENTS / each.name
        if not path.exists():
            yield f"{path}: is missing; restore it from a backup"
            continue
        try:
            yield from _wrong(connection, path, each, manifest)
        except duckdb.Error as error:
            yield f"{path}: cannot be read ({type(error).__name__}); restore it from a backup"


def _wrong(connection: "DuckDBPyConnection", path: Path, segment: Segment, manifest: Manifest) -> Iterator[str]:
    source = f"read_parquet({text(str(path))})"
    described = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    known = {each.name: each.duckdb for each in manifest.shape.columns}
    for name in sorted(described.keys() - known.keys() - {"_row"}):
        yield f"{path}: has a column {name} that the table does not have"
    for name, kind in sorted(known.items()):
        if name in described and not kind.startswith("STRUCT") and kind != described[name]:
            yield f"{path}: column {name} is {described[name]}, in the table it is {kind}"
    every = ", ".join(f"count({quoted(name)})" for name in described)
    rows = connection.execute(f"SELECT count(*), {every} FROM {source}").fetchone()  # reads every value
    if rows is None or rows[0] != segment.rows:
        yield f"{path}: has not the {segment.rows} rows that the manifest says"
