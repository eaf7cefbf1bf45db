"""Tables and their rows over HTTP."""

import pytest

from tests.gateway.sandbox.bigquery.conftest import FIELDS, Ask


async def test_tables(ask: Ask, table: str) -> None:
    """A table is shown, gets a column, and is removed."""
    _, found = await ask("GET", table)
    assert (FIELDS, "0") == (found["schema"]["fields"], found["numRows"])
    more = {"schema": {"fields": [*FIELDS, {"name": "x", "type": "FLOAT"}]}, "description": "d"}
    _, changed = await ask("PATCH", table, more)
    assert (3, "d") == (len(changed["schema"]["fields"]), changed["description"])
    assert 400 == (await ask("PATCH", table, {"schema": {"fields": FIELDS[:1]}}))[0]
    _, listed = await ask("GET", "datasets/lab/tables")
    assert ["t"] == [each["tableReference"]["tableId"] for each in listed["tables"]]
    assert 204 == (await ask("DELETE", table))[0]
    assert 404 == (await ask("GET", table))[0]


async def test_rows(ask: Ask, table: str) -> None:
    """Rows come in all or none, and go out in pages in their order."""
    rows = [{"json": {"id": number, "name": f"n{number}"}} for number in range(3)]
    assert (200, {"kind": "bigquery#tableDataInsertAllResponse"}) == await ask(
        "POST", f"{table}/insertAll", {"rows": rows}
    )
    _, page = await ask("GET", f"{table}/data?maxResults=2")
    assert ["0", "1"] == [row["f"][0]["v"] for row in page["rows"]]
    _, page = await ask("GET", f"{table}/data?pageToken={page['pageToken']}&selectedFields=name")
    assert ([{"f": [{"v": "n2"}]}], "3", False) == (page["rows"], page["totalRows"], "pageToken" in page)


async def test_invalid_rows(ask: Ask, table: str) -> None:
    """One bad row stops all, unless it may be left out; its value is not told."""
    rows = [{"json": {"id": "secret"}}, {"json": {"id": 1}}]
    _, told = await ask("POST", f"{table}/insertAll", {"rows": rows})
    assert ["invalid", "stopped"] == [each["errors"][0]["reason"] for each in told["insertErrors"]]
    assert "secret" not in str(told)
    assert "0" == (await ask("GET", table))[1]["numRows"]
    _, told = await ask("POST", f"{table}/insertAll", {"rows": rows, "skipInvalidRows": True})
    assert (1, "1") == (len(told["insertErrors"]), (await ask("GET", table))[1]["numRows"])


async def test_insert_ids(ask: Ask, table: str) -> None:
    """A row that comes again is added once, also within a request; one that was refused may come again."""
    rows = [{"insertId": each, "json": {"id": 1}} for each in ("a", "b", "a")]
    bad = [{"insertId": "c", "json": {"id": "x"}}, {"insertId": "d", "json": {"id": 1}}]
    for given in (rows, rows[:1], bad, bad[1:], [{"json": {"id": 1}}] * 2):
        await ask("POST", f"{table}/insertAll", {"rows": given})
    assert "5" == (await ask("GET", table))[1]["numRows"]
    await ask("DELETE", table)
    body = {"tableReference": {"tableId": "t"}, "schema": {"fields": FIELDS}}
    assert 200 == (await ask("POST", "datasets/lab/tables", body))[0]
    await ask("POST", f"{table}/insertAll", {"rows": rows})
    assert "2" == (await ask("GET", table))[1]["numRows"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"tableReference": {"tableId": "v"}, "view": {"query": "SELECT 1"}}, 501),
        ({"tableReference": {"tableId": "v"}}, 400),
        ({"tableReference": {"tableId": "v"}, "schema": {"fields": [{"name": "x", "type": "GEOGRAPHY"}]}}, 400),
        ({"tableReference": {"tableId": "t"}, "schema": {"fields": FIELDS}}, 409),
    ],
)
async def test_refused(ask: Ask, table: str, body: object, status: int) -> None:
    """What there is not says so."""
    assert status == (await ask("POST", "datasets/lab/tables", body))[0]
