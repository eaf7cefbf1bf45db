"""Queries over tables."""

from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.names import TableName
from gateway.sandbox.bigquery.querying import run
from gateway.sandbox.reasoned_error import ReasonedError
from tests.gateway.sandbox.bigquery.conftest import FIELDS


@pytest.fixture
async def filled(catalog: Catalog) -> Catalog:
    """Return a catalog with a table."""
    pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")
    await catalog.write_dataset("p", "d", {}, new=True)
    await catalog.create(TableName("p", "d", "t-1"), FIELDS, {})
    await catalog.append(TableName("p", "d", "t-1"), [{"id": 1, "name": "a"}, {"id": 2}])
    return catalog


def asked(query: str, **more: Any) -> dict[str, Any]:
    """Return a request."""
    return {"query": query, "useLegacySql": False, **more}


@pytest.mark.parametrize("name", ["`p.d.t-1`", "d.`t-1`", "`d.t-1`", "p.d.`t-1`", "`p`.`d`.`t-1`"])
async def test_names_of_tables(filled: Catalog, name: str) -> None:
    """A table is called in all of BigQuery's ways."""
    assert [(2,)] == run(filled, "p", asked(f"SELECT COUNT(*) FROM {name}")).rows


async def test_default_dataset(filled: Catalog) -> None:
    """A name of one part is in the dataset that the request names."""
    default = {"datasetId": "d"}
    assert [(3,)] == run(filled, "p", asked("SELECT SUM(id) FROM `t-1`", defaultDataset=default)).rows
    with pytest.raises(ReasonedError, match=r"dataset\.table"):
        run(filled, "p", asked("SELECT 1 FROM `t-1`"))


async def test_dry_run(filled: Catalog) -> None:
    """A dry run tells the columns."""
    answer = run(filled, "p", asked("SELECT id FROM d.`t-1`", dryRun=True))
    assert (["id"], []) == ([name for name, _ in answer.columns], answer.rows)


@pytest.mark.parametrize(
    ("request_body", "reason", "text"),
    [
        (asked("SELECT 1/0"), "invalidQuery", "division by zero"),
        (asked("SELECT FORMAT('%d', 1)"), "invalidQuery", "the function FORMAT is not supported here"),
        (asked("SELECT CAST(name AS INT64) FROM d.`t-1`"), "invalidQuery", "a STRING is no INT64"),
        (asked("SELECT (SELECT id FROM d.`t-1`)"), "invalidQuery", "cannot be run here"),
        (asked("SELECT 1 FROM d.nope"), "notFound", "Not found: Table p:d.nope"),
        (asked("SELECT 1 FROM nope.t"), "notFound", "Not found: Table p:nope.t"),
        (asked(" "), "required", "query"),
        ({"query": "SELECT 1"}, "invalidQuery", "legacy SQL"),
    ],
)
async def test_errors(filled: Catalog, request_body: dict[str, Any], reason: str, text: str) -> None:
    """An error has the reason of BigQuery, and no value of a table."""
    with pytest.raises(ReasonedError) as caught:
        run(filled, "p", request_body)
    assert (reason, True) == (caught.value.code, text in caught.value.reason)


async def test_nothing_else_is_read(filled: Catalog, tmp_path: Path) -> None:
    """Names of tables are no paths."""
    (tmp_path / "secret.csv").write_text("a\n1\n")
    for query in (
        f"SELECT * FROM `{tmp_path}/secret.csv`",
        "SELECT * FROM `d.../x`",
        "SELECT * FROM duckdb_settings()",
    ):
        with pytest.raises(ReasonedError):
            run(filled, "p", asked(query))
