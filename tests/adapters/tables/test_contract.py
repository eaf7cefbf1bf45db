"""Tables: rows that are added are there for every reader, whole or not at all; there is one writer."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.tables.columns import Column, SchemaConflictError
from adapters.tables.contract import GRACE_SECONDS, NoTableError, TableBusyError, TableExistsError, Tables
from adapters.tables.engine import Engine
from adapters.tables.manifest import Shape
from adapters.tables.parquet import RowsRefusedError
from tests.adapters.tables.shapes import THINGS, VALUES, thing


def values(tables: Tables, name: str = "t") -> list[object]:
    """Return the column ``value`` of all rows of a table."""
    return [row[0] for row in Engine({"main": tables}).query(f'SELECT value FROM "{name}" ORDER BY ALL').rows]


def test_rows(tmp_path: Path) -> None:
    """Rows are added in their order, and an empty table has its columns."""
    tables = Tables(tmp_path / "tables")
    assert [] == tables.names()
    tables.create("t", VALUES)
    assert (["t"], []) == (tables.names(), values(tables))
    with tables.writer("t") as table:
        table.append([{"value": 1}, {"value": None}])
        assert [1, None] == values(tables)
        table.append([{"value": 2}])
        table.append([])
    assert [1, 2, None] == values(tables)
    assert 3 == tables.manifest("t").rows == tables.manifest("t").next_row


def test_new_columns(tmp_path: Path) -> None:
    """A column may come later, also within a record; earlier rows have NULL there. It never changes its type."""
    tables = Tables(tmp_path)
    tables.create("t", VALUES)
    parts = Column("parts", "RECORD", "REPEATED", (Column("a"),))
    with tables.writer("t") as table:
        table.append([{"value": 1, "parts": [{"a": "x"}]}], [parts])
        table.append(
            [{"value": 2, "parts": [{"b": 7}]}], [Column("parts", "RECORD", "REPEATED", (Column("b", "INTEGER"),))]
        )
        with pytest.raises(SchemaConflictError):
            table.append([{"value": 3}], [Column("value", "STRING")])
    rows = Engine({"main": tables}).query("SELECT * FROM t ORDER BY value").rows
    assert [(1, [{"a": "x", "b": None}]), (2, [{"a": None, "b": 7}])] == rows


@pytest.mark.parametrize(
    "row",
    [
        thing("a", 1, 1) | {"value": "SECRET"},
        thing("a", 1, 1) | {"id": None},
        thing("a", 1, 1) | {"at": "SECRET"},
        {"id": "a"},
        thing("a", 1, 1) | {"SECRET": 1},
    ],
)
def test_refused(tmp_path: Path, row: dict[str, object]) -> None:
    """A row that does not fit leaves nothing behind, not even the good one before it, and no value is told."""
    tables = Tables(tmp_path)
    tables.create("t", THINGS)
    with tables.writer("t") as table:
        with pytest.raises(RowsRefusedError) as caught:
            table.append([thing("good", 1, 1), row])
        assert [] == [*tmp_path.glob("t/segments/*"), *tmp_path.glob("t/unfinished/*")]
    assert "SECRET" not in str(caught.value)
    assert [] == values(tables)


def test_one_writer(tmp_path: Path) -> None:
    """A second writer is refused until the first one has gone, in this process and in another."""
    tables = Tables(tmp_path)
    tables.create("t", VALUES)
    program = (
        "import sys, pathlib; from adapters.tables.contract import Tables, TableBusyError\n"
        "try:\n with Tables(pathlib.Path(sys.argv[1])).writer('t'): print('writes')\n"
        "except TableBusyError as error: print(error)"
    )
    other = [sys.executable, "-c", program, str(tmp_path)]
    with tables.writer("t"):
        with pytest.raises(TableBusyError, match="another process writes to it now"), tables.writer("t"):
            pass
        assert "another process writes" in subprocess.run(other, check=True, capture_output=True, text=True).stdout
        with pytest.raises(TableBusyError):
            tables.drop("t")
    assert "writes\n" == subprocess.run(other, check=True, capture_output=True, text=True).stdout


def test_killed_writer(tmp_path: Path) -> None:
    """What a killed writer has left is no part of the table, and the next writer removes it."""
    tables = Tables(tmp_path)
    tables.create("t", VALUES)
    with tables.writer("t") as table:
        table.append([{"value": 1}])
    left = [tmp_path / "t" / "segments" / "left.parquet", tmp_path / "t" / "unfinished" / "left.ndjson"]
    for each in left:
        each.write_bytes(b"PAR1 half")
    assert [1] == values(tables)
    with tables.writer("t") as table:
        assert [False, False] == [each.exists() for each in left]
        table.append([{"value": 2}])
    assert [1, 2] == values(tables)


def test_removed_segments_stay_for_a_while(tmp_path: Path) -> None:
    """A query that has begun can finish: segments are removed from the disk some time after their rows."""
    now = [0.0]
    tables = Tables(tmp_path, lambda: now[0])
    tables.create("t", VALUES)
    with tables.writer("t") as table:
        table.append([{"value": 1}])
        table.truncate()
        assert (1, []) == (len(list(tmp_path.glob("t/segments/*"))), values(tables))
        now[0] += GRACE_SECONDS
        table.append([{"value": 2}])
        assert 1 == len(list(tmp_path.glob("t/segments/*")))
    assert [2] == values(tables)


def test_append_query(tmp_path: Path) -> None:
    """The rows of a query can be added, numbered after those that are there."""
    tables = Tables(tmp_path)
    tables.create("t", VALUES)
    with tables.writer("t") as table:
        table.append([{"value": 1}])
        assert 3 == table.append_query("SELECT unnest([7, 8, 9])::BIGINT AS value")
    assert ([1, 7, 8, 9], 4) == (values(tables), tables.manifest("t").next_row)


def test_names(tmp_path: Path) -> None:
    """Names are letters, digits, _ and -; a name in another case is the same table."""
    tables = Tables(tmp_path)
    tables.create("t-1", VALUES)
    with pytest.raises(TableExistsError):
        tables.create("T-1", VALUES)
    for wrong in ("", "../t", "a.b", "a/b", ".t"):
        with pytest.raises(ValueError, match="the name of a table has letters"):
            tables.create(wrong, VALUES)
    with pytest.raises(NoTableError), tables.writer("other"):
        pass


def test_drop(tmp_path: Path) -> None:
    """A table that is dropped is gone, and can be made again."""
    tables = Tables(tmp_path)
    tables.create("t", VALUES)
    tables.drop("t")
    assert [] == tables.names()
    with pytest.raises(NoTableError):
        tables.drop("t")
    tables.create("t", Shape((Column("value"),)))
    assert [] == values(tables)


def test_files_are_the_owners(tmp_path: Path) -> None:
    """Nobody but the owner can read what is in a table."""
    tables = Tables(tmp_path / "tables")
    tables.create("t", VALUES)
    with tables.writer("t") as table:
        table.append([{"value": 1}])
    modes = {path.stat().st_mode & 0o077 for path in [tmp_path / "tables", *(tmp_path / "tables").rglob("*")]}
    assert {0} == modes
