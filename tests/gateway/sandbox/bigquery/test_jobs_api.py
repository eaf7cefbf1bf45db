"""Jobs over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.bigquery.conftest import FIELDS, Ask


async def fill(ask: Ask, table: str, count: int) -> None:
    """Add rows."""
    rows = [{"json": {"id": number, "name": f"n{number}"}} for number in range(count)]
    assert 200 == (await ask("POST", f"{table}/insertAll", {"rows": rows}))[0]


async def test_query(ask: Ask, table: str) -> None:
    """A query is answered at once, in pages of texts."""
    await fill(ask, table, 3)
    body = {"query": "SELECT id FROM lab.t ORDER BY id", "useLegacySql": False, "maxResults": 2}
    _, page = await ask("POST", "queries", body)
    assert ([{"f": [{"v": "0"}]}, {"f": [{"v": "1"}]}], "3", True) == (
        page["rows"],
        page["totalRows"],
        page["jobComplete"],
    )
    assert [{"name": "id", "type": "INTEGER", "mode": "NULLABLE"}] == page["schema"]["fields"]
    job = page["jobReference"]["jobId"]
    _, page = await ask("GET", f"queries/{job}?pageToken={page['pageToken']}")
    assert ([{"f": [{"v": "2"}]}], False) == (page["rows"], "pageToken" in page)
    _, page = await ask("GET", f"queries/{job}?maxResults=0")
    assert ("3", False) == (page["totalRows"], "rows" in page)
    _, resource = await ask("GET", f"jobs/{job}")
    assert ("DONE", "SELECT") == (resource["status"]["state"], resource["statistics"]["query"]["statementType"])
    assert 1 == len((await ask("GET", "jobs"))[1]["jobs"])
    assert 200 == (await ask("POST", f"jobs/{job}/cancel"))[0]
    assert 204 == (await ask("DELETE", f"jobs/{job}/delete"))[0]
    assert 404 == (await ask("GET", f"queries/{job}"))[0]


async def test_destination(ask: Ask, table: str) -> None:
    """A result can be kept as a table, whose types are those of the query."""
    await fill(ask, table, 2)
    destination = {"projectId": "p", "datasetId": "lab", "tableId": "u"}
    query = {
        "query": "SELECT id, [name] AS names, STRUCT(DATE '2020-01-01' AS d) AS s FROM lab.t ORDER BY id",
        "useLegacySql": False,
        "destinationTable": destination,
    }
    assert 200 == (await ask("POST", "jobs", {"configuration": {"query": query}}))[0]
    _, page = await ask("GET", "datasets/lab/tables/u/data")
    assert {"f": [{"v": "0"}, {"v": [{"v": "n0"}]}, {"v": {"f": [{"v": "2020-01-01"}]}}]} == page["rows"][0]
    status, error = await ask("POST", "jobs", {"configuration": {"query": query}})
    assert (409, "duplicate") == (status, error["error"]["errors"][0]["reason"])
    query["writeDisposition"] = "WRITE_APPEND"
    assert 200 == (await ask("POST", "jobs", {"configuration": {"query": query}}))[0]
    assert "4" == (await ask("GET", "datasets/lab/tables/u"))[1]["numRows"]


async def test_load_from_a_bucket(sandbox: Sandbox, ask: Ask, table: str, tmp_path: Path) -> None:
    """Files of buckets are named with wildcards; a job that failed tells why."""
    folder = tmp_path / "data" / "buckets" / "north"
    folder.mkdir(parents=True)
    (folder / "a.json").write_bytes(b'{"id": 1}\n')
    (folder / "b.json").write_bytes(b'{"id": 2}\n')
    destination = {"projectId": "p", "datasetId": "lab", "tableId": "t"}
    load: dict[str, Any] = {"sourceUris": ["gs://north/*.json"], "sourceFormat": "NEWLINE_DELIMITED_JSON"}
    load |= {"destinationTable": destination, "schema": {"fields": FIELDS}}
    _, job = await ask("POST", "jobs", {"configuration": {"load": load}})
    assert ("2", "2") == (job["statistics"]["load"]["outputRows"], (await ask("GET", table))[1]["numRows"])
    _, job = await ask("POST", "jobs", {"configuration": {"load": {**load, "sourceUris": ["gs://north/none"]}}})
    assert "notFound" == job["status"]["errorResult"]["reason"]


@pytest.mark.parametrize(
    ("configuration", "status"),
    [
        ({"copy": {}}, 501),
        ({"query": {"query": "SELECT FORMAT('%d', 1)", "useLegacySql": False}}, 400),
        ({"query": []}, 400),
        ({}, 501),
    ],
)
async def test_refused(ask: Ask, table: str, configuration: object, status: int) -> None:
    """A job that cannot be run is no job."""
    assert status == (await ask("POST", "jobs", {"configuration": configuration}))[0]
    assert [] == (await ask("GET", "jobs"))[1]["jobs"]
