"""What operators do with tables."""

from pathlib import Path

import pytest

from adapters.tables.contract import Tables
from adapters.tables.operating import open_tables
from gateway.contract.tables import Answer, TableFacts, TablesError
from tests.adapters.tables.shapes import THINGS, VALUES, thing


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Return two folders, each with a table."""
    main, other = Tables(tmp_path / "main"), Tables(tmp_path / "other")
    main.create("things", THINGS, {"rows": "things"})
    other.create("values", VALUES)
    with main.writer("things") as table:
        table.append([thing("a", 1, 1)])
        table.append([thing("a", 2, 2)])
    return {"main": main.folder, "other": other.folder}


def test_facts(folders: dict[str, Path]) -> None:
    """Each table is told with its rows, segments and octets."""
    things, values = open_tables(folders).facts()
    assert TableFacts("things", "things", 2, 2, things.octets) == things
    assert TableFacts("other.values", "", 0, 0, 0) == values
    assert 0 < things.octets


def test_schema(folders: dict[str, Path]) -> None:
    """Columns are told as BigQuery tells them."""
    assert [{"name": "value", "type": "INTEGER", "mode": "NULLABLE"}] == open_tables(folders).schema("other.values")


def test_compact(folders: dict[str, Path]) -> None:
    """A table is compacted, but not while it is written."""
    with Tables(folders["main"]).writer("things"), pytest.raises(TablesError, match="another process writes"):
        open_tables(folders).compact("things")
    assert "2 segments became 2, with 2 rows" == open_tables(folders).compact("things")


def test_query(folders: dict[str, Path]) -> None:
    """A query sees both schemas; what it may not do is refused."""
    tables = open_tables(folders)
    assert Answer(("value",), [(2,)]) == tables.query("SELECT value FROM things", None)
    assert Answer(("n",), [(0,)]) == tables.query('SELECT count(*) AS n FROM other."values"', 10)
    with pytest.raises(TablesError, match="only one SELECT"):
        tables.query("DROP VIEW things", None)


@pytest.mark.parametrize("name", ["nothing", "no.things", "../things"])
def test_unknown(folders: dict[str, Path], name: str) -> None:
    """A table that is not there is told."""
    with pytest.raises(TablesError):
        open_tables(folders).schema(name)


def test_problems(folders: dict[str, Path]) -> None:
    """Segments that are missing or damaged are found."""
    tables = open_tables(folders)
    assert [] == tables.problems("things")
    one, two = sorted((folders["main"] / "things" / "segments").iterdir())
    one.unlink()
    octets = bytearray(two.read_bytes())
    octets[-20:] = bytes(20)
    two.write_bytes(octets)
    found = tables.problems("things")
    assert 2 == len(found)
    assert any("is missing" in each for each in found)
    assert any("cannot be read" in each for each in found)


def test_wrong_segment(folders: dict[str, Path]) -> None:
    """A segment of another table is no segment of this one."""
    one, two = sorted((folders["main"] / "things" / "segments").iterdir())
    other = Tables(folders["other"])
    with other.writer("values") as table:
        table.append_query("SELECT unnest([1, 2, 3])::BIGINT AS value, 'x' AS more", [])
    (segment,) = (folders["other"] / "values" / "segments").iterdir()
    one.write_bytes(segment.read_bytes())
    found = open_tables(folders).problems("things")
    assert any("has a column more" in each for each in found)
    assert any("has not the 1 rows" in each for each in found)
    assert two.exists()


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without DuckDB the command says which extra is missing."""
    monkeypatch.setattr("adapters.tables.operating.is_installed", lambda: False)
    with pytest.raises(TablesError, match=r"install hilum\[tables\]"):
        open_tables({"main": tmp_path})


NAMED = {
    "SELECT * FROM things": ["things"],
    "FROM main.Things_rows": ["things"],
    'SELECT (SELECT max(value) FROM memory.other."values") FROM (SELECT 1)': ["other.values"],
    "WITH values AS (SELECT 1) SELECT 'other.values' FROM values JOIN things ON true": ["things"],
    "SELECT 1": [],
    "SELECT broken FROM things FROM values": ["things", "other.values"],
}


@pytest.mark.parametrize(("sql", "named"), NAMED.items())
def test_named(folders: dict[str, Path], sql: str, named: list[str]) -> None:
    """The tables of a query are known, also behind the name of all their rows; a text that looks like one is none."""
    assert named == open_tables(folders).named(sql)
