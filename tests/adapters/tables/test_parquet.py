"""Segments: every type comes back as it went in, and large rows are taken."""

from pathlib import Path

import pytest

from adapters.tables import parquet
from adapters.tables.columns import Column
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.manifest import Shape
from adapters.tables.parquet import RowsRefusedError
from tests.adapters.tables.shapes import duckdb

ALL = Shape(
    (
        Column("s"),
        Column("i", "INTEGER"),
        Column("f", "FLOAT"),
        Column("n", "NUMERIC"),
        Column("b", "BOOLEAN"),
        Column("d", "DATE"),
        Column("t", "TIME"),
        Column("dt", "DATETIME"),
        Column("ts", "TIMESTAMP"),
        Column("j", "JSON"),
        Column("l", "STRING", "REPEATED"),
        Column("r", "RECORD", fields=(Column("x"), Column("y", "FLOAT", "REPEATED"))),
    )
)
ROW = {
    "s": 'Müller\n"^\u0000',
    "i": -(2**63),
    "f": 0.1,
    "n": "12345678901234567890.123456789",
    "b": True,
    "d": "2026-01-31",
    "t": "23:59:59.123456",
    "dt": "2026-01-31T10:20:30.5",
    "ts": "2026-01-31T10:20:30.5+02:00",
    "j": {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "A^B"}]}},
    "l": ["a", ""],
    "r": {"x": "1", "y": [1.5, 2]},
}


def test_types(tmp_path: Path) -> None:
    """A value of each type comes back, a time in its own time zone as the same instant."""
    tables = Tables(tmp_path)
    tables.create("t", ALL)
    with tables.writer("t") as table:
        table.append([ROW, {}])
    texts = "s, i, f, n::VARCHAR, b, d::VARCHAR, t::VARCHAR, dt::VARCHAR, ts::VARCHAR, j->>'$.00100010.vr', l, r"
    rows = Engine({"main": tables}).query(f"SELECT {texts} FROM t").rows
    whole = (
        ROW["s"],
        ROW["i"],
        0.1,
        ROW["n"],
        True,
        ROW["d"],
        ROW["t"],
        "2026-01-31 10:20:30.5",
        "2026-01-31 08:20:30.5+00",
        "PN",
        ["a", ""],
        ROW["r"],
    )
    assert [whole, (None,) * 12] == rows


def test_large_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of many octets is taken, up to a limit that is told."""
    tables = Tables(tmp_path)
    tables.create("t", Shape((Column("s"),)))
    with tables.writer("t") as table:
        table.append([{"s": "x" * (20 * 1024 * 1024)}])
        monkeypatch.setattr(parquet, "LARGEST_ROW", 1024 * 1024)
        with pytest.raises(RowsRefusedError, match="a row has more than 1 MiB"):
            table.append([{"s": "x" * (2 * 1024 * 1024)}])
    assert [(20 * 1024 * 1024,)] == Engine({"main": tables}).query("SELECT length(s) FROM t").rows


def test_others_can_read_it(tmp_path: Path) -> None:
    """A segment is a whole Parquet file of its own."""
    tables = Tables(tmp_path)
    tables.create("t", ALL)
    with tables.writer("t") as table:
        table.append([ROW])
    (segment,) = tmp_path.glob("t/segments/*.parquet")
    assert ("2026-01-31",) == duckdb.connect().execute(f"SELECT d::VARCHAR FROM '{segment}'").fetchone()


def test_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows keep the order in which they came, also where DuckDB reads parts of them at once."""
    monkeypatch.setattr(parquet, "USUAL_ROW", 32 * 1024)  # so it reads in buffers of a few times as much
    tables = Tables(tmp_path)
    tables.create("t", Shape((Column("i", "INTEGER"), Column("s"))))
    with tables.writer("t") as table:
        for first in (0, 5000):
            table.append([{"i": first + each, "s": "x" * 200} for each in range(5000)])
        ordered = f"SELECT i FROM read_parquet('{tmp_path}/t/segments/*') ORDER BY _row"
        assert [(each,) for each in range(10_000)] == table.connection.execute(ordered).fetchall()


def test_unknown_columns(tmp_path: Path) -> None:
    """A row with a column that the table does not have is refused, and with it the others."""
    tables = Tables(tmp_path)
    tables.create("t", Shape((Column("s"),)))
    with tables.writer("t") as table, pytest.raises(RowsRefusedError, match="add the column first"):
        table.append([{"s": "a"}, {"s": "b", "other": 1}])
    assert not tables.manifest("t").rows
