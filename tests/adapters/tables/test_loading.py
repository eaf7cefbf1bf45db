"""Parquet files of others become rows of a table."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.tables.columns import Column, SchemaConflictError
from adapters.tables.contract import Table, Tables
from adapters.tables.engine import Engine
from adapters.tables.loading import NotParquetError, columns_of, load
from adapters.tables.manifest import Shape
from adapters.tables.parquet import RowsRefusedError
from tests.adapters.tables.shapes import duckdb

EVERY = (
    "1::TINYINT AS i, 1.5::DECIMAL(10, 2) AS n, 0.5::FLOAT AS f, true AS b, 'é' AS s, '\\x00'::BLOB AS o,"
    " DATE '2026-01-31' AS d, TIME '10:20:30.5' AS t, TIMESTAMP_MS '2026-01-31 10:20:30' AS dt,"
    " TIMESTAMPTZ '2026-01-31 10:20:30+02' AS ts, '{\"a\": 1}'::JSON AS j, ['x', 'y'] AS l,"
    " {'x': 1, 'y': [{'z': 0.5::DOUBLE}]} AS r"
)
COLUMNS = (
    Column("i", "INTEGER"),
    Column("n", "NUMERIC"),
    Column("f", "FLOAT"),
    Column("b", "BOOLEAN"),
    Column("s"),
    Column("o", "BYTES"),
    Column("d", "DATE"),
    Column("t", "TIME"),
    Column("dt", "DATETIME"),
    Column("ts", "TIMESTAMP"),
    Column("j", "JSON"),
    Column("l", "STRING", "REPEATED"),
    Column("r", "RECORD", fields=(Column("x", "INTEGER"), Column("y", "RECORD", "REPEATED", (Column("z", "FLOAT"),)))),
)


def written(path: Path, select: str) -> Path:
    """Write a file of Parquet with what *select* gives."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {select}) TO '{path}' (FORMAT parquet)")
    return path


def asked(tables: Tables, sql: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    engine = Engine({"main": tables})
    try:
        return list(engine.query(sql).rows)
    finally:
        engine.close()


def loaded(tmp_path: Path, files: list[Path], columns: tuple[Column, ...], *, instead: bool = False) -> Tables:
    """Load files into the table ``t``, which is made with these columns."""
    tables = Tables(tmp_path / "tables")
    if "t" not in tables.names():
        tables.create("t", Shape(columns))
    with tables.writer("t") as table:
        load(table, files, instead=instead)
    return tables


def test_types(tmp_path: Path) -> None:
    """Each type of Parquet has its column, and each value comes back."""
    file = written(tmp_path / "a.parquet", EVERY)
    with duckdb.connect() as connection:
        columns = columns_of(connection, [file])
    assert columns == COLUMNS
    tables = loaded(tmp_path, [file], columns)
    assert [
        (1, Decimal("1.5"), 0.5, True, "é", b"\0", date(2026, 1, 31), time(10, 20, 30, 500_000), ["x", "y"])
    ] == asked(tables, "SELECT i, n, f, b, s, o, d, t, l FROM t")
    texts = "SELECT dt::VARCHAR, ts::VARCHAR, j->>'$.a', r.x, r.y[1].z FROM t"
    assert [("2026-01-31 10:20:30", "2026-01-31 08:20:30+00", "1", 1, 0.5)] == asked(tables, texts)


@pytest.mark.parametrize(
    "select", ["MAP {'a': 1} AS x", "[[1]] AS x", "{'x': uuid()} AS a", "1::UBIGINT AS x", "1::DECIMAL(38, 1) AS x"]
)
def test_no_type(tmp_path: Path, select: str) -> None:
    """A column that no table here can have is refused by name."""
    file = written(tmp_path / "a.parquet", select)
    with duckdb.connect() as connection, pytest.raises(NotParquetError, match="column x: "):
        columns_of(connection, [file])


def test_no_parquet(tmp_path: Path) -> None:
    """Another file is refused without a word of what is in it."""
    (tmp_path / "a.parquet").write_text("CANARY")
    with duckdb.connect() as connection, pytest.raises(NotParquetError, match="a file is not Parquet") as error:
        columns_of(connection, [tmp_path / "a.parquet"])
    assert "CANARY" not in str(error.value)


def test_several_files(tmp_path: Path) -> None:
    """Files may have different columns, in any order and spelling; rows are added, or replace those that are there."""
    files = [
        written(tmp_path / "a.parquet", "1 AS id, 'x' AS name"),
        written(tmp_path / "b.parquet", "2 AS ID, 1 AS n"),
    ]
    tables = loaded(tmp_path, files, (Column("id", "INTEGER"),))
    assert [(1, "x", None), (2, None, 1)] == asked(tables, "SELECT id, name, n FROM t ORDER BY id")
    loaded(tmp_path, files[:1], ())
    assert [(3,)] == asked(tables, "SELECT count(*) FROM t")
    loaded(tmp_path, files[:1], (), instead=True)
    assert [(1,)] == asked(tables, "SELECT id FROM t")
    assert tables.manifest("t").next_row == 4


def test_conflict(tmp_path: Path) -> None:
    """A column keeps its type, and a row what it needs; nothing of the files is loaded then."""
    tables = Tables(tmp_path / "tables")
    tables.create("t", Shape((Column("id", "INTEGER", "REQUIRED"),)))
    wrong = {"'a' AS id": SchemaConflictError, "NULL::INTEGER AS id": RowsRefusedError, "1 AS other": RowsRefusedError}
    good = written(tmp_path / "good.parquet", "1 AS id")
    for select, error in wrong.items():
        with tables.writer("t") as table, pytest.raises(error):
            _load_both(table, good, written(tmp_path / "a.parquet", select))
    assert [(0,)] == asked(tables, "SELECT count(*) FROM t")


def _load_both(table: Table, *files: Path) -> None:
    load(table, files)
