"""Tables as the sandbox's BigQuery uses them."""

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[tables]")

from adapters.tables.serving import FoldersOfBigQuery
from gateway.contract.warehouse import WarehouseError

FIELDS: list[dict[str, Any]] = [{"name": "id", "type": "INTEGER"}, {"name": "name", "type": "STRING"}]
QUERY = 'SELECT id, name FROM "p.d"."t" ORDER BY id'


@pytest.fixture
def warehouse() -> FoldersOfBigQuery:
    """Return the tables."""
    return FoldersOfBigQuery()


def test_rows(warehouse: FoldersOfBigQuery, tmp_path: Path) -> None:
    """Rows are added, and replaced by others."""
    warehouse.create(tmp_path, "t", FIELDS, {"k": "v"})
    warehouse.append(tmp_path, "t", [{"id": 1, "name": "a"}, {"id": 2}])
    assert [(1, "a"), (2, None)] == warehouse.query({"p.d": tmp_path}, QUERY, 10)
    assert [(1, "a")] == warehouse.query({"p.d": tmp_path}, QUERY, 1)
    warehouse.append(tmp_path, "t", [{"id": 3}], truncate=True)
    assert [(3, None)] == warehouse.query({"p.d": tmp_path}, QUERY, 10)
    state = warehouse.state(tmp_path, "t")
    assert (1, {"k": "v"}, ["id", "name"]) == (state.rows, state.labels, [each["name"] for each in state.fields])


def test_change(warehouse: FoldersOfBigQuery, tmp_path: Path) -> None:
    """A table gets more columns; a column keeps its type."""
    warehouse.create(tmp_path, "t", FIELDS, {})
    warehouse.change(tmp_path, "t", [*FIELDS, {"name": "x", "type": "FLOAT"}], {"k": "v"})
    assert (3, {"k": "v"}) == (len(warehouse.state(tmp_path, "t").fields), warehouse.state(tmp_path, "t").labels)
    with pytest.raises(WarehouseError) as caught:
        warehouse.change(tmp_path, "t", [{"name": "id", "type": "STRING"}], {})
    assert "rows" == caught.value.problem


def test_problems(warehouse: FoldersOfBigQuery, tmp_path: Path) -> None:
    """Each problem has its kind."""
    warehouse.create(tmp_path, "t", FIELDS, {})
    found = []
    for work in (
        lambda: warehouse.state(tmp_path, "x"),
        lambda: warehouse.create(tmp_path, "t", FIELDS, {}),
        lambda: warehouse.append(tmp_path, "t", [{"id": "no number"}]),
        lambda: warehouse.query({"p.d": tmp_path}, "SELECT nothing", 1),
        lambda: warehouse.create(tmp_path, "../x", FIELDS, {}),
    ):
        with pytest.raises(WarehouseError) as caught:
            work()
        found.append(caught.value.problem)
    assert ["missing", "exists", "rows", "query", "rows"] == found


def test_drop(warehouse: FoldersOfBigQuery, tmp_path: Path) -> None:
    """A table that is dropped is gone."""
    warehouse.create(tmp_path, "t", FIELDS, {})
    assert ["t"] == warehouse.names(tmp_path)
    warehouse.drop(tmp_path, "t")
    assert [] == warehouse.names(tmp_path)


def test_without_duckdb(warehouse: FoldersOfBigQuery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error says what to install."""
    warehouse.create(tmp_path, "t", FIELDS, {})
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(WarehouseError, match="install") as caught:
        warehouse.append(tmp_path, "t", [{"id": 1}])
    assert "engine" == caught.value.problem


def test_fhir_row(warehouse: FoldersOfBigQuery) -> None:
    """A resource becomes a row of ANALYTICS_V2, without the columns that Hilum's own tables add."""
    row, fields = warehouse.fhir_row({"resourceType": "Patient", "id": "a", "active": True}, 2)
    assert ({"id": "a", "active": True}, ["id", "active"]) == (row, [each["name"] for each in fields])
    with pytest.raises(WarehouseError):
        warehouse.fhir_row({"resourceType": "Quagmire", "id": "a"}, 2)
