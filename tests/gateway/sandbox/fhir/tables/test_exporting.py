"""Exports of FHIR stores to tables of BigQuery."""

import json
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.fhir.managing.exporting import bodies
from gateway.sandbox.fhir.tables import exporting
from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import entry, patient
from tests.gateway.sandbox.fhir.search.data import RECORD
from tests.gateway.sandbox.fhir.tables.test_streaming import Streaming
from tests.gateway.sandbox.operations_client import DATASET, Api

STORE = f"{DATASET}/fhirStores/f"
SCHEMA = {"schemaType": "ANALYTICS_V2"}
CODES = {"INVALID_ARGUMENT": 3, "ALREADY_EXISTS": 6}
"""Of google.rpc.Code."""


class Exporting(Streaming):
    """A FHIR store that streams to the dataset ``lab``, and is exported to the dataset ``out``."""

    async def begin(self, **config: Any) -> None:
        """Make the store and both datasets."""
        await super().begin(**config)
        assert 200 == (await self.bigquery("POST", "datasets", {"datasetReference": {"datasetId": "out"}}))[0]

    async def export(self, *, to: str = "bq://p.out", asked: Any = None, **destination: Any) -> Any:
        """Export the store; return the operation."""
        whole = {"datasetUri": to, "schemaConfig": SCHEMA, **destination}
        return await self.api.run(f"{STORE}:export", {"bigqueryDestination": whole, **(asked or {})})

    async def tables(self, dataset: str = "out") -> list[str]:
        """Return the names of the tables and views."""
        _, listed = await self.bigquery("GET", f"datasets/{dataset}/tables")
        return [each["tableReference"]["tableId"] for each in listed["tables"]]

    async def content(self, dataset: str, table: str) -> dict[str, dict[str, Any]]:
        """Return the rows of a table by ``id``, without what is NULL or empty."""
        path = f"datasets/{dataset}/tables/{table}"
        fields = (await self.bigquery("GET", path))[1]["schema"]["fields"]
        rows = (await self.bigquery("GET", f"{path}/data"))[1]["rows"]
        return {row["id"]: row for row in (read_record(each, fields) for each in rows)}

    async def make_table(self, name: str, *fields: dict[str, Any]) -> None:
        """Make a table that has ``id`` and other columns."""
        reference = {"projectId": "p", "datasetId": "out", "tableId": name}
        schema = {"fields": [{"name": "id", "type": "STRING"}, *fields]}
        assert (
            200
            == (await self.bigquery("POST", "datasets/out/tables", {"tableReference": reference, "schema": schema}))[0]
        )


def read_record(record: Any, fields: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a row of BigQuery's REST API, or a RECORD in one, by the names of its columns."""

    def read_one(value: Any, field: dict[str, Any]) -> Any:
        return read_record(value, field["fields"]) if "fields" in field else value

    found = {}
    for cell, field in zip(record["f"], fields, strict=True):
        value = cell["v"]
        if field.get("mode") == "REPEATED":
            value = [read_one(each["v"], field) for each in value]
        elif value is not None:
            value = read_one(value, field)
        if value not in (None, [], {}):
            found[field["name"]] = value
    return found


@pytest.fixture
def store(sandbox: Sandbox, client: ClientSession, api: Api) -> Exporting:
    """Return the store, which is not made yet."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
    pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")
    return Exporting(sandbox, client, api)


def counter(done: Any) -> dict[str, str]:
    """Return the counter of an operation."""
    found: dict[str, str] = done["metadata"].get("counter", {})
    return found


async def test_each_type(store: Exporting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each type has a table, in pieces that need different columns, and no view; a deleted resource has no row."""
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    await store.begin(resourceTypes=["Device"])
    await store.fhir.transaction(*[entry("PUT", f"{each['resourceType']}/{each['id']}", each) for each in RECORD])
    await store.fhir.put(patient("gone"))
    await store.fhir.send("DELETE", "Patient/gone")
    done = await store.export()
    assert {"success": str(len(RECORD))} == counter(done)
    assert "google.cloud.healthcare.v1.fhir.ExportResourcesResponse" in done["response"]["@type"]
    assert sorted({each["resourceType"] for each in RECORD}) == await store.tables()
    for kind in await store.tables():
        ids = sorted(each["id"] for each in RECORD if each["resourceType"] == kind)
        assert [[each] for each in ids] == await store.rows(f"SELECT id FROM out.{kind} ORDER BY id")


async def test_rows_of_streams(store: Exporting) -> None:
    """Each row is that of the stream, but for the operation in ``meta.tag``."""
    await store.begin()
    race = {"url": "http://x.example/Race", "valueString": "a"}
    resources = [
        *RECORD,
        patient("race1", active=True, name=[{"family": "Meier", "given": ["A", "B"]}], extension=[race]),
        patient("race2", birthDate="1970", extension=[{**race, "url": "http://x.example/race"}]),
    ]
    entries = [entry("PUT", f"{each['resourceType']}/{each['id']}", each) for each in resources]
    assert 200 == (await store.fhir.transaction(*entries))[0]
    assert {"success": str(len(resources))} == counter(await store.export())
    found = 0
    for kind in await store.tables():
        streamed, exported = await store.content("lab", kind), await store.content("out", kind)
        assert {"CREATE"} == {row["meta"].pop("tag")[-1]["code"] for row in streamed.values()}
        assert streamed == exported
        found += len(exported)
    assert found == len(resources)
    both = "SELECT id, Race[OFFSET(0)].value.string FROM out.Patient WHERE id LIKE 'race%' ORDER BY id"
    assert [["race1", "a"], ["race2", "a"]] == await store.rows(both)


async def test_decimals(store: Exporting) -> None:
    """A decimal is a FLOAT, in exports and in streams; within a contained resource it is JSON."""
    await store.begin()
    inner = {"resourceType": "Observation", "id": "i", "status": "final", "code": {"text": "x"}}
    inner["valueQuantity"] = {"value": 1.5, "unit": "mg"}
    assert 201 == (await store.fhir.put({**inner, "id": "o", "contained": [inner]}))[0]
    await store.export()
    for dataset in ("lab", "out"):
        sql = f"SELECT value.quantity.value, contained[OFFSET(0)] FROM {dataset}.Observation"
        ((value, contained),) = await store.rows(sql)
        assert ("1.5", inner) == (value, json.loads(str(contained)))


async def test_chosen(store: Exporting) -> None:
    """``_type`` and ``_since`` choose, and the depth is that of the request."""
    await store.begin()
    await store.fhir.put({"resourceType": "Device", "id": "d"})
    _, old = await store.fhir.put(patient("old"))
    await store.fhir.put(patient("new", link=[{"other": {"reference": "Patient/old"}, "type": "seealso"}]))
    asked = {"_type": "Patient,Observation", "_since": old["meta"]["lastUpdated"]}
    assert {"success": "1"} == counter(await store.export(asked=asked))
    assert ["Patient"] == await store.tables()
    assert [["new", "old"]] == await store.rows("SELECT id, link[OFFSET(0)].other.patientId FROM out.Patient")


async def test_dispositions(store: Exporting) -> None:
    """By default a table with rows is an error, and nothing is written; others replace the rows, or add to them."""
    await store.begin()
    await store.fhir.put(patient("a"))
    assert {"success": "1"} == counter(await store.export())
    await store.fhir.put({"resourceType": "Device", "id": "d"})
    await store.fhir.put(patient("b", active=True))
    refused = await store.export()
    assert CODES["ALREADY_EXISTS"] == refused["error"]["code"]
    assert "Table p:out.Patient" in refused["error"]["message"]
    assert (["Patient"], "success" in counter(refused)) == (await store.tables(), False)
    rows = "SELECT id FROM out.Patient ORDER BY id"
    await store.export(writeDisposition="WRITE_APPEND")
    assert [["a"], ["a"], ["b"]] == await store.rows(rows)
    for replacing in ({"force": True}, {"writeDisposition": "WRITE_TRUNCATE"}):
        await store.export(**replacing)
        assert [["a"], ["b"]] == await store.rows(rows)


async def test_empty_table(store: Exporting) -> None:
    """A table without rows can be written by default; it gets the columns that it does not have."""
    await store.begin()
    await store.make_table("Patient")
    await store.fhir.put(patient("a", active=True))
    assert {"success": "1"} == counter(await store.export())
    assert [["a", "true"]] == await store.rows("SELECT id, active FROM out.Patient")


async def test_failures(store: Exporting) -> None:
    """What a table cannot take fails, its log says why, and the tables of other types have their rows."""
    await store.begin()
    await store.make_table("Device", {"name": "status", "type": "INTEGER"})
    await store.fhir.put({"resourceType": "Device", "id": "d", "status": "active"})
    await store.fhir.put({"resourceType": "Device", "id": "e", "status": "active"})
    await store.fhir.put(patient("a"))
    done = await store.export()
    assert {"success": "1", "failure": "2"} == counter(done)
    assert CODES["INVALID_ARGUMENT"] == done["error"]["code"]
    assert done["error"]["message"].startswith("2 of 3 resources could not be exported; ")
    lines = await store.api.log(done)
    assert [True, True] == [any(f"Device/{each}: column status" in line for line in lines) for each in "de"]
    assert [["a"]] == await store.rows("SELECT id FROM out.Patient")


async def test_a_row_that_does_not_fit(store: Exporting) -> None:
    """One that is refused for a value does not take the others with it."""
    await store.begin()
    await store.make_table("Patient", {"name": "active", "type": "BOOLEAN", "mode": "REQUIRED"})
    await store.fhir.put(patient("a", active=True))
    await store.fhir.put(patient("b"))
    done = await store.export()
    assert {"success": "1", "failure": "1"} == counter(done)
    (line,) = [each for each in await store.api.log(done) if "Patient/b" in each]
    assert "a required value is missing, column active" in line
    assert [["a"]] == await store.rows("SELECT id FROM out.Patient")


async def test_nothing(store: Exporting) -> None:
    """An empty store makes no table."""
    await store.begin()
    assert "response" in await store.export()
    assert [] == await store.tables()


async def test_deleted_meanwhile(store: Exporting, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is deleted while the export runs has no row, and is no failure."""
    await store.begin()
    await store.fhir.put(patient("a"))
    await store.fhir.put(patient("b"))
    monkeypatch.setattr(exporting, "bodies", lambda connection, rows: bodies(connection, rows[:1]))
    assert {"success": "1"} == counter(await store.export())


async def test_large_row(store: Exporting) -> None:
    """The limit of 1 MB is that of streams, and not of exports."""
    await store.begin()
    await store.fhir.put(patient("large", name=[{"family": "x" * 1_000_000}]))
    assert [] == await store.tables("lab")
    assert {"success": "1"} == counter(await store.export())
    assert [["1000000"]] == await store.rows("SELECT LENGTH(name[OFFSET(0)].family) FROM out.Patient")


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no dataset": ({"datasetUri": "bq://p.none"}, 400, "there is no dataset p:none of BigQuery: make it first"),
    "no schema": ({"schemaConfig": {}}, 501, "the sandbox has rows of schemaType ANALYTICS_V2 only"),
    "no name": ({"datasetUri": "gs://x"}, 400, "bq://project.dataset"),
}


@pytest.mark.parametrize(("destination", "status", "told"), REFUSED.values(), ids=REFUSED)
async def test_refused(store: Exporting, destination: dict[str, Any], status: int, told: str) -> None:
    """What cannot be begins no operation."""
    await store.begin()
    whole = {"datasetUri": "bq://p.out", "schemaConfig": SCHEMA, **destination}
    found, answer = await store.api.ask("POST", f"{STORE}:export", {"bigqueryDestination": whole})
    assert (status, True) == (found, told in answer["error"]["message"])
    assert (200, {}) == await store.api.ask("GET", f"{DATASET}/operations")


async def test_two_destinations(store: Exporting) -> None:
    """Files and tables at once are a 400; so is a field that is not known."""
    await store.begin()
    whole = {"datasetUri": "bq://p.out", "schemaConfig": SCHEMA}
    both = {"bigqueryDestination": whole, "gcsDestination": {"uriPrefix": "gs://data"}}
    for wrong in (both, {"bigqueryDestination": whole, "since": "2020"}):
        assert 400 == await store.api.refused(f"{STORE}:export", wrong)
