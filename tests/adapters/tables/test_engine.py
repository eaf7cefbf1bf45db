"""SQL over tables: what is true now, all rows, and nothing besides the tables."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.tables.contract import Tables
from adapters.tables.engine import Engine, QueryRefusedError, Result
from tests.adapters.tables.shapes import THINGS, VALUES, thing


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Return an engine over a table in which one thing has changed and one is deleted."""
    tables = Tables(tmp_path / "main")
    tables.create("things", THINGS)
    with tables.writer("things") as table:
        table.append([thing("a", 1, 1), thing("b", 1, 1), thing("c", 1, 1)])
        table.append([thing("a", 2, 2), thing("b", None, 2, "DELETE")])
    other = Tables(tmp_path / "other")
    other.create("values", VALUES)
    with other.writer("values") as table:
        table.append([{"value": 5}])
    return Engine({"main": tables, "other": other})


def test_now_and_ever(engine: Engine) -> None:
    """The name of a table is what is true now; with _rows behind it, it is every row."""
    assert [("a", 2), ("c", 1)] == engine.query("SELECT id, value FROM things ORDER BY id").rows
    assert [(5,)] == engine.query("SELECT count(*) FROM things_rows").rows


def test_schemas(engine: Engine) -> None:
    """A table of another schema is named with it; parameters and types come with the result."""
    found = engine.query('SELECT value, value > $1 AS big FROM other."values"', [4])
    assert Result(("value", "big"), ("BIGINT", "BOOLEAN"), [(5, True)]) == found
    assert 2 == len(engine.query("SELECT * FROM things_rows", most=2).rows)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
        "SELECT * FROM read_text('{folder}/main/things/manifest.json')",
        "COPY things TO '{folder}/x.csv'",
        "COPY (SELECT 1) TO '{folder}/x.parquet'",
        "EXPORT DATABASE '{folder}/x'",
        "ATTACH '{folder}/x.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 1",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA database_list",
        "CREATE TABLE t AS SELECT 1",
        "DROP VIEW things",
        "SELECT 1; SELECT 2",
        "SELECT * FROM engine",
        "SELECT getenv('HOME')",
        "SELEC 1",
        "",
    ],
)
def test_refused(engine: Engine, tmp_path: Path, sql: str) -> None:
    """No other file, no network, no setting, nothing but one SELECT."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(QueryRefusedError):
        engine.query(sql.format(folder=tmp_path))
    assert before == sorted(tmp_path.rglob("*"))


def test_too_large(tmp_path: Path) -> None:
    """A query that needs more memory than it may have is refused; nothing is put on the disk for it."""
    engine = Engine({"main": Tables(tmp_path)}, memory="20MB")
    with pytest.raises(QueryRefusedError, match=r"(?i)memory"):
        engine.query("SELECT DISTINCT range::VARCHAR || repeat('x', 100) FROM range(3000000) ORDER BY ALL")
    assert [] == list(tmp_path.rglob("*"))


def test_segment_that_has_gone(engine: Engine, tmp_path: Path) -> None:
    """A table whose segment is missing is told so after some tries: the query is not answered without its rows."""
    for each in tmp_path.glob("main/things/segments/*"):
        each.unlink()
    with pytest.raises(QueryRefusedError, match="the tables change faster than the query reads"):
        engine.query("SELECT count(value) FROM things_rows")


def test_what_comes_later(engine: Engine, tmp_path: Path) -> None:
    """Each query sees the rows and the tables that there are when it begins."""
    tables = Tables(tmp_path / "main")
    assert [(2,)] == engine.query("SELECT count(*) FROM things").rows
    with tables.writer("things") as table:
        table.append([thing("z", 1, 1)])
        assert [(3,)] == engine.query("SELECT count(*) FROM things").rows
    tables.create("more", VALUES)
    assert [(0,)] == engine.query("SELECT count(*) FROM more").rows
    tables.drop("more")
    with pytest.raises(QueryRefusedError, match="more"):
        engine.query("SELECT count(*) FROM more")


def test_several_threads(engine: Engine) -> None:
    """Threads that ask at once get each their own answer."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda each: engine.query("SELECT $1, count(*) FROM things", [each]).rows, range(16)))
    assert [[(each, 2)] for each in range(16)] == found
