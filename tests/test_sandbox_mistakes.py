"""docs/sandbox.md: what is wrong is answered as its table says."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance
from tests.gateway.sandbox.operations_client import Api

pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
PAGE = (Path(__file__).parent.parent / "docs" / "sandbox.md").read_text()
TABLE = PAGE.partition("## When something is wrong\n")[2].partition("\n## ")[0]
DATASETS = "projects/p/locations/us-central1/datasets"
STORE = f"{DATASETS}/ds/dicomStores/images"
TO_TABLE = {"bigqueryDestination": {"tableUri": "bq://p.lab.images"}}
TO_OLD_SCHEMA = {"bigqueryDestination": {"datasetUri": "bq://p.lab", "schemaConfig": {"schemaType": "ANALYTICS"}}}
AT_ONCE: list[tuple[str, str, Any, int, str, str]] = [
    # Method, path, body, and the status, its name and a part of the reason
    (
        "POST",
        f"{STORE}:import",
        {"gcsSource": {"uri": "gs://scans/**/a*.dcm"}},
        400,
        "INVALID_ARGUMENT",
        "one ** alone",
    ),
    ("POST", f"{STORE}:import", {"gcsSource": {"uri": "scans/a.dcm"}}, 400, "INVALID_ARGUMENT", "gs://bucket/object"),
    ("POST", f"{DATASETS}/none/dicomStores?dicomStoreId=a", {}, 404, "NOT_FOUND", "create it first"),
    ("GET", f"{DATASETS}/ds/dicomStores/none/dicomWeb/studies", None, 404, "NOT_FOUND", "create it first"),
    ("POST", f"{DATASETS}/ds/dicomStores?dicomStoreId=images", {}, 409, "ALREADY_EXISTS", "exists"),
    (
        "POST",
        f"{STORE}:export",
        {"bigqueryDestination": {"tableUri": "bq://p.none.t"}},
        400,
        "INVALID_ARGUMENT",
        "bq mk",
    ),
    ("POST", f"{DATASETS}/ds/fhirStores/records:export", TO_OLD_SCHEMA, 501, "UNIMPLEMENTED", "ANALYTICS_V2 only"),
    ("POST", f"{STORE}:setIamPolicy", {"policy": {"etag": "b2xk"}}, 409, "ABORTED", "read it again"),
    ("GET", f"{DATASETS}/ds/consentStores", None, 501, "UNIMPLEMENTED", "consentStores.list is not in the sandbox"),
]
LATER: list[tuple[str, dict[str, Any], int, str]] = [
    # Verb, body, and the code and a part of the reason with which the operation ends
    ("import", {"gcsSource": {"uri": "gs://none/a.dcm"}}, 5, "--bucket none=FOLDER"),
    ("import", {"gcsSource": {"uri": "gs://scans/none*"}}, 5, "no object of the bucket scans"),
    ("export", TO_TABLE, 6, '"force": true'),
]


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """Run a strict sandbox with a store and a table."""
    scans = tmp_path / "scans"
    scans.mkdir()
    make_instance(scans, 1, "1.2", "1.3")
    buckets = {"scans": scans}
    async with Sandbox(tmp_path / "data", buckets=buckets, strict=True) as sandbox, ClientSession() as client:
        made = Api(sandbox, client, tmp_path / "data")
        await made.ask("POST", f"{DATASETS}?datasetId=ds", {})
        await made.ask("POST", f"{DATASETS}/ds/dicomStores?dicomStoreId=images", {})
        await made.ask("POST", f"{DATASETS}/ds/fhirStores?fhirStoreId=records", {"version": "R4"})
        await made.run(f"{STORE}:import", {"gcsSource": {"uri": "gs://scans/*.dcm"}})
        dataset = {"datasetReference": {"projectId": "p", "datasetId": "lab"}}
        async with client.post(f"{sandbox.url}/bigquery/v2/projects/p/datasets", json=dataset) as response:
            assert response.status == 200
        await made.run(f"{STORE}:export", TO_TABLE)
        yield made


async def test_mistakes(api: Api) -> None:
    """Each is answered with Google's code, and a reason that helps."""
    for method, path, body, status, name, reason in AT_ONCE:
        found, answer = await api.ask(method, path, body)
        assert (found, answer["error"]["status"]) == (status, name), path
        assert reason in answer["error"]["message"]
    for verb, asked, code, reason in LATER:
        done = await api.run(f"{STORE}:{verb}", asked)
        assert done["error"]["code"] == code
        assert reason in done["error"]["message"]


async def test_policies(tmp_path: Path) -> None:
    """With policies enforced, who has no role is told which permission it needs."""
    async with Sandbox(tmp_path / "data", owner="owner") as sandbox, ClientSession() as client:
        url = f"{sandbox.url}/v1/{DATASETS}"
        for headers, status, name in (
            ({}, 401, "UNAUTHENTICATED"),
            ({"Authorization": "Bearer a@hospital.example"}, 403, "PERMISSION_DENIED"),
        ):
            async with client.get(url, headers=headers) as response:
                assert response.status == status
                assert (await response.json())["error"]["status"] == name
        async with client.get(url, headers={"Authorization": "Bearer owner"}) as response:
            assert response.status == 200


def test_table() -> None:
    """The table names each code that is tried, and no other."""
    named = set(re.findall(r"`([A-Z_]{6,})`", TABLE))
    tried = {row[4] for row in AT_ONCE} | {"UNAUTHENTICATED", "PERMISSION_DENIED"}
    assert named == tried
