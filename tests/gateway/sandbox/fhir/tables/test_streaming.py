"""Versions of resources become rows of BigQuery."""

import json
import re
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.fhir.tables.destination import FhirDataset
from gateway.sandbox.fhir.tables.streaming import Stream, streams_in
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, entry, patient
from tests.gateway.sandbox.operations_client import DATASET, Api

STORE = f"{DATASET}/fhirStores/f"
SCHEMA = {"schemaType": "ANALYTICS_V2", "recursiveStructureDepth": "3"}
CONFIG: dict[str, Any] = {"bigqueryDestination": {"datasetUri": "bq://p.lab", "schemaConfig": SCHEMA}}


class Streaming:
    """A FHIR store that streams to the dataset ``lab``."""

    def __init__(self, sandbox: Sandbox, client: ClientSession, api: Api) -> None:
        self.sandbox, self.client, self.api, self.fhir = sandbox, client, api, Fhir(sandbox, client)

    async def begin(self, **config: Any) -> None:
        """Make the store and the dataset."""
        store = {"version": "R4", "enableUpdateCreate": True, "streamConfigs": [{**CONFIG, **config}]}
        assert 200 == (await self.api.ask("POST", f"{DATASET}/fhirStores?fhirStoreId=f", store))[0]
        assert 200 == (await self.bigquery("POST", "datasets", {"datasetReference": {"datasetId": "lab"}}))[0]

    async def bigquery(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request to BigQuery."""
        url = f"{self.sandbox.url}/bigquery/v2/projects/p/{path}"
        async with self.client.request(method, url, json=body) as response:
            return response.status, await response.json(content_type=None)

    async def rows(self, sql: str) -> list[list[str | None]]:
        """Return the rows of a query."""
        status, found = await self.bigquery("POST", "queries", {"query": sql, "useLegacySql": False})
        assert status == 200, found
        return [[cell["v"] for cell in row["f"]] for row in found.get("rows", [])]


@pytest.fixture
def streaming(sandbox: Sandbox, client: ClientSession, api: Api) -> Streaming:
    """Return the store, which is not made yet."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
    pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")
    return Streaming(sandbox, client, api)


OPERATIONS = "SELECT id, ARRAY_REVERSE(meta.tag)[OFFSET(0)].code FROM lab.Patient ORDER BY meta.lastUpdated"


async def test_versions(streaming: Streaming) -> None:
    """Each version is a row with its operation; the view has of each resource what is true now."""
    await streaming.begin()
    tag = {"system": "urn:x", "code": "DELETE"}
    await streaming.fhir.put(patient("a", meta={"tag": [tag]}, name=[{"family": "Meier", "given": ["Anna", "B"]}]))
    await streaming.fhir.transaction(
        entry("PUT", "Patient/a", patient("a", active=True, meta={"tag": [tag]})),
        entry("PUT", "Patient/b", patient("b", birthDate="1970")),
    )
    await streaming.fhir.send("DELETE", "Patient/b")
    assert [["a", "CREATE"], ["a", "UPDATE"], ["b", "CREATE"], ["b", "DELETE"]] == sorted(
        await streaming.rows(OPERATIONS)
    )
    assert [["a", "true", "2"]] == await streaming.rows(
        "SELECT id, active, ARRAY_LENGTH(meta.tag) FROM lab.PatientView"
    )
    status, held = await streaming.fhir.read("Patient/a")
    newest = "SELECT id FROM `p.lab.Patient` WHERE meta.versionId = '{}'"
    assert (200, [["a"]]) == (status, await streaming.rows(newest.format(held["meta"]["versionId"])))
    assert [["Meier", "Anna"]] == await streaming.rows(
        "SELECT n.family, n.given[OFFSET(0)] FROM lab.Patient, UNNEST(name) AS n"
    )


async def test_decimals(streaming: Streaming) -> None:
    """A decimal is a FLOAT, and JSON within a contained resource; neither is lost, and neither is in the way."""
    await streaming.begin()
    inner = {"resourceType": "Observation", "id": "i", "status": "final", "code": {"text": "x"}}
    whole = {
        **inner,
        "id": "o",
        "valueQuantity": {"value": 1.5},
        "contained": [{**inner, "valueQuantity": {"value": 2.25}}],
    }
    assert 201 == (await streaming.fhir.put(whole))[0]
    ((value, contained),) = await streaming.rows(
        "SELECT value.quantity.value, contained[OFFSET(0)] FROM lab.Observation"
    )
    assert ("1.5", 2.25) == (value, json.loads(str(contained))["valueQuantity"]["value"])


async def test_view(streaming: Streaming) -> None:
    """The view is listed and described; what its description says, asked as a query, has the same rows."""
    await streaming.begin()
    await streaming.fhir.put(patient("a"))
    await streaming.fhir.put(patient("a", active=True))
    await streaming.fhir.put(patient("b"))
    await streaming.fhir.send("DELETE", "Patient/b")
    _, listed = await streaming.bigquery("GET", "datasets/lab/tables")
    kinds = [(each["tableReference"]["tableId"], each["type"]) for each in listed["tables"]]
    assert [("Patient", "TABLE"), ("PatientView", "VIEW")] == kinds
    _, view = await streaming.bigquery("GET", "datasets/lab/tables/PatientView")
    assert ("VIEW", "PatientView") == (view["type"], view["tableReference"]["tableId"])
    query = re.sub(r"^SELECT \*", "SELECT id, active", view["view"]["query"])
    assert [["a", "true"]] == await streaming.rows(query)
    assert [["a", "true"]] == await streaming.rows("SELECT id, active FROM lab.PatientView")
    for name in ("ObservationView", "View"):
        assert 404 == (await streaming.bigquery("GET", f"datasets/lab/tables/{name}"))[0]


async def test_no_rows(streaming: Streaming) -> None:
    """A failed transaction and other types have no rows, and an import; a row that is lost does not undo a change."""
    await streaming.begin(resourceTypes=["Patient"])
    assert 400 == (await streaming.fhir.transaction(entry("PUT", "Patient/a", patient("b"))))[0]
    await streaming.fhir.put({"resourceType": "Device", "id": "d"})
    await streaming.fhir.put(patient("large", name=[{"family": "x" * 1_000_000}]))
    streaming.api.put("a.ndjson", b'{"resourceType": "Patient", "id": "imported"}')
    source = {"contentStructure": "RESOURCE", "gcsSource": {"uri": "gs://data/a.ndjson"}}
    await streaming.api.run(f"{STORE}:import", source)
    _, listed = await streaming.bigquery("GET", "datasets/lab/tables")
    assert [] == listed["tables"]
    assert 204 == (await streaming.bigquery("DELETE", "datasets/lab"))[0]
    assert 201 == (await streaming.fhir.put(patient("a")))[0]
    for name in ("a", "large", "imported"):
        assert 200 == (await streaming.fhir.read(f"Patient/{name}"))[0]


WRONG: dict[str, tuple[Any, int]] = {
    "no list": ({}, 400),
    "no object": ([1], 400),
    "no dataset": ([{"bigqueryDestination": {"datasetUri": "bq://p", "schemaConfig": SCHEMA}}], 400),
    "no destination": ([{}], 400),
    "twice": ([CONFIG, CONFIG], 400),
    "unknown type": ([{**CONFIG, "resourceTypes": ["Quagmire"]}], 400),
    "another schema": ([{"bigqueryDestination": {"datasetUri": "bq://p.d"}}], 501),
    "partitions": (
        [{"bigqueryDestination": {"datasetUri": "bq://p.d", "schemaConfig": {"lastUpdatedPartitionConfig": {}}}}],
        501,
    ),
    "depth": (
        [{"bigqueryDestination": {"datasetUri": "bq://p.d", "schemaConfig": {**SCHEMA, "recursiveStructureDepth": 9}}}],
        400,
    ),
    "another destination": ([{"deidentifiedStoreDestination": {}}], 501),
}


@pytest.mark.parametrize(("configs", "status"), WRONG.values(), ids=WRONG)
def test_wrong(configs: Any, status: int) -> None:
    """What the store cannot do is refused."""
    with pytest.raises(ApiError) as raised:
        streams_in(configs)
    assert status == raised.value.status


def test_streams() -> None:
    """A configuration names a dataset, types and a depth."""
    assert [Stream(FhirDataset("p", "lab", 3), frozenset({"Patient"}))] == streams_in(
        [{**CONFIG, "resourceTypes": ["Patient"]}]
    )
