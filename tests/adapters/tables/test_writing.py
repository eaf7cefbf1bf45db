"""Several tables are written, and what is wrong with one message is no harm to another."""

from pathlib import Path
from typing import Any

import pytest

from adapters.tables.columns import Column
from adapters.tables.contract import Tables
from adapters.tables.engine import Engine
from adapters.tables.making import Rows
from adapters.tables.writing import TableRefusesError, TableUnavailableError, Writers
from tests.adapters.tables.shapes import THINGS, thing


def rows(table: str, *given: dict[str, Any], what: str = "things", columns: tuple[Column, ...] = ()) -> Rows:
    """Return rows for a table."""
    return Rows(table, what, THINGS, given, columns)


def test_batch(tmp_path: Path) -> None:
    """A batch is written with one segment for each table."""
    tables = Tables(tmp_path)
    with Writers(tables) as writers:
        batch = [rows("a", thing("x", 1, 1)), rows("b", thing("x", 1, 1)), rows("a", thing("y", 1, 1))]
        assert [None, None, None] == writers.write(batch)
    assert (1, 2, 1) == (len(tables.manifest("a").segments), tables.manifest("a").rows, tables.manifest("b").rows)


def test_one_is_wrong(tmp_path: Path) -> None:
    """A message whose rows do not fit is refused alone."""
    with Writers(Tables(tmp_path)) as writers:
        batch = [
            rows("a", thing("x", 1, 1)),
            rows("a", thing("y", 1, 1) | {"value": "no"}),
            rows("a", thing("z", 1, 1), columns=(Column("value"),)),
            rows("a", thing("v", 1, 1), what="others"),
        ]
        results = writers.write(batch)
    assert results[0] is None
    assert all(isinstance(each, TableRefusesError) for each in results[1:])
    assert [(1,)] == Engine({"main": Tables(tmp_path)}).query("SELECT count(*) FROM a").rows


def test_busy(tmp_path: Path) -> None:
    """A table that another one writes is not there now, and is later."""
    tables = Tables(tmp_path)
    tables.create("a", THINGS, {"rows": "things"})
    with Writers(tables) as writers:
        with tables.writer("a"):
            (found,) = writers.write([rows("a", thing("x", 1, 1))])
            assert isinstance(found, TableUnavailableError)
        assert [None] == writers.write([rows("a", thing("x", 1, 1))])


def test_disk(tmp_path: Path) -> None:
    """A folder that cannot be made is told with the reason of the system."""
    (tmp_path / "file").write_text("")
    with Writers(Tables(tmp_path / "file" / "tables")) as writers:
        (found,) = writers.write([rows("a", thing("x", 1, 1))])
    assert isinstance(found, TableUnavailableError)
    assert "Not a directory" in str(found)


@pytest.mark.slow
def test_compaction(tmp_path: Path) -> None:
    """A table that is written again and again has few segments."""
    tables = Tables(tmp_path)
    with Writers(tables) as writers:
        for each in range(80):
            assert [None] == writers.write([rows("a", thing(f"x{each}", 1, 1))])
    assert len(tables.manifest("a").segments) < 40
    assert 80 == tables.manifest("a").rows
