"""Rows of the stores in tables of BigQuery."""

from typing import Any

import pytest

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.bigquery.writing import CatalogTables
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.tables.target import RowsRefusedError, Target

FIELDS: list[dict[str, Any]] = [
    {"name": "PatientID", "type": "STRING"},
    {"name": "LastUpdated", "type": "TIMESTAMP"},
    {"name": "Metadata", "type": "JSON"},
    {"name": "DroppedTags", "type": "STRING", "mode": "REPEATED"},
]
ROW = {"PatientID": "a", "LastUpdated": "2020-01-02T03:04:05.000006Z", "Metadata": '{"x": 1}', "DroppedTags": ["y"]}


async def count(catalog: Catalog) -> int:
    """Return how many rows the table has."""
    sql = 'SELECT count(*) FROM "p.d"."t"'
    return int(catalog.query({"p.d": catalog.folder("p", "d")}, sql, 1)[0][0])


async def test_write(catalog: Catalog) -> None:
    """The table is made with its columns, gets more of them, and is replaced if that is said."""
    tables, target = CatalogTables(catalog), Target("p", "d", "t")
    with pytest.raises(ReasonedError) as caught:
        await tables.write(target, FIELDS, [ROW], "WRITE_EMPTY")
    assert "notFound" == caught.value.code
    with pytest.raises(ReasonedError, match="make it first, for example by bq mk p:d"):
        await tables.check(target)
    await catalog.write_dataset("p", "d", {}, new=True)
    await tables.write(target, FIELDS, [ROW], "WRITE_EMPTY")
    with pytest.raises(ReasonedError) as caught:
        await tables.write(target, FIELDS, [ROW], "WRITE_EMPTY")
    assert "duplicate" == caught.value.code
    assert caught.value.reason.endswith('"force": true replaces it')
    await tables.check(target)
    more = [*FIELDS, {"name": "Rows", "type": "INTEGER"}]
    await tables.write(target, more, [{**ROW, "Rows": 512}], "WRITE_APPEND")
    assert 2 == await count(catalog)
    await tables.write(target, FIELDS, [ROW], "WRITE_TRUNCATE")
    assert 1 == await count(catalog)


async def test_nothing(catalog: Catalog) -> None:
    """A new table needs columns, which no instances have."""
    await catalog.write_dataset("p", "d", {}, new=True)
    with pytest.raises(ReasonedError, match="there are no instances"):
        await CatalogTables(catalog).write(Target("p", "d", "t"), [], [], "WRITE_EMPTY")


async def test_a_row_that_does_not_fit(catalog: Catalog) -> None:
    """Nothing is written, and no value is told."""
    await catalog.write_dataset("p", "d", {}, new=True)
    with pytest.raises(RowsRefusedError, match="column LastUpdated") as caught:
        await CatalogTables(catalog).write(
            Target("p", "d", "t"), FIELDS, [ROW, {**ROW, "LastUpdated": "secret"}], "WRITE_EMPTY"
        )
    assert {1: "a row does not fit the table: a value is no TIMESTAMP, column LastUpdated"} == caught.value.refused
    assert 0 == await count(catalog)


async def test_check_empty(catalog: Catalog) -> None:
    """A table with rows is refused where it must be empty; none, and an empty one, are not."""
    tables, target = CatalogTables(catalog), Target("p", "d", "t")
    await catalog.write_dataset("p", "d", {}, new=True)
    await tables.check_empty(target)
    await tables.write(target, FIELDS, [], "WRITE_EMPTY")
    await tables.check_empty(target)
    await tables.write(target, FIELDS, [ROW], "WRITE_EMPTY")
    for disposition in ("WRITE_TRUNCATE", "WRITE_APPEND"):
        await tables.check_empty(Target("p", "d", "t", disposition))
    with pytest.raises(ReasonedError, match=r'Already Exists: Table p:d\.t; .* "force": true replaces it') as caught:
        await tables.check_empty(target)
    assert (409, "duplicate") == (caught.value.status, caught.value.code)
