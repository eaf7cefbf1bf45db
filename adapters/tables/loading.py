"""Parquet files of others become rows of a table: all of them, or none.

A Parquet file says the types of its columns, so that none is guessed from values. They are the types that BigQuery's
load jobs give to them [cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet#type_conversions].
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.tables.columns import Column, Type, merged, quoted, text
from adapters.tables.contract import Table
from adapters.tables.parquet import RowsRefusedError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TYPES: Mapping[str, Type] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger"), "INTEGER"),
    **dict.fromkeys(("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"), "DATETIME"),
    "blob": "BYTES",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "double": "FLOAT",
    "float": "FLOAT",
    "time": "TIME",
    "timestamp with time zone": "TIMESTAMP",
    "varchar": "STRING",
}
"""By DuckDB's name of a type."""
WHOLE_DIGITS, DECIMALS = 29, 9
"""Digits of a NUMERIC before and after its point."""


class NotParquetError(ValueError):
    """A file is not Parquet, or has a column of which there is no type here. The text has no value of the file."""


def columns_of(connection: "DuckDBPyConnection", files: Sequence[Path]) -> tuple[Column, ...]:
    """Return the columns of all files; raises NotParquetError, or SchemaConflictError if two files differ in one."""
    import duckdb  # noqa: PLC0415  the extra `tables` may be absent

    found: tuple[Column, ...] = ()
    for file in files:
        try:
            relation = connection.sql(f"SELECT * FROM {_read(file)}")
        except duckdb.Error as error:
            raise NotParquetError(f"a file is not Parquet ({type(error).__name__}); load files of Parquet") from None
        found = merged(found, map(_column, relation.columns, relation.types))
    return found


def load(table: Table, files: Sequence[Path], *, instead: bool = False) -> int:
    """Add the rows of *files* durably, with *instead* in the place of those that are there; return how many they are.

    Raises NotParquetError, SchemaConflictError and RowsRefusedError.
    """
    columns = columns_of(table.connection, files)
    known = {each.name.lower(): each for each in merged(table.manifest.shape.columns, columns)}
    parts = [_query(table.connection, file, known) for file in files]
    return table.append_query(" UNION ALL BY NAME ".join(parts), columns, instead=instead)


def _query(connection: "DuckDBPyConnection", file: Path, known: Mapping[str, Column]) -> str:
    """Return a query for the rows of a file, with the names and types of the table."""
    names = {each.lower(): each for each in connection.sql(f"SELECT * FROM {_read(file)}").columns}
    for name in [each.name for each in known.values() if each.mode == "REQUIRED"]:
        written = names.get(name.lower())
        if (
            written is None
            or connection.execute(f"SELECT 1 FROM {_read(file)} WHERE {quoted(written)} IS NULL LIMIT 1").fetchone()
        ):
            raise RowsRefusedError(f"a row has no value in {name}, which every row of this table needs")
    wanted = [(written, known[name]) for name, written in names.items()]
    cells = ", ".join(
        f"CAST({quoted(written)} AS {column.duckdb}) AS {quoted(column.name)}" for written, column in wanted
    )
    return f"SELECT {cells} FROM {_read(file)}"


def _read(file: Path) -> str:
    return f"read_parquet({text(str(file))}, hive_partitioning=false)"


def _column(name: str, kind: Any) -> Column:
    if kind.id == "list":
        (child,) = [found for _, found in kind.children]
        if child.id == "list":
            raise NotParquetError(f"column {name}: is a list of lists, which no table here has; leave it out")
        one = _column(name, child)
        return Column(name, one.type, "REPEATED", one.fields)
    if kind.id == "struct":
        return Column(name, "RECORD", fields=tuple(_fields(kind)))
    return Column(name, _type(name, kind))


def _fields(kind: Any) -> Iterator[Column]:
    for name, child in kind.children:
        yield _column(name, child)


def _type(name: str, kind: Any) -> Type:
    if str(kind) == "JSON":
        return "JSON"
    if kind.id == "decimal":
        sizes = dict(kind.children)
        if sizes["scale"] <= DECIMALS and sizes["precision"] - sizes["scale"] <= WHOLE_DIGITS:
            return "NUMERIC"
    if kind.id not in TYPES:
        raise NotParquetError(f"column {name}: there is no type here for {kind}; convert it, or leave it out")
    return TYPES[kind.id]
