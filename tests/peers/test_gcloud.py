"""``gcloud healthcare`` against the sandbox: only the endpoint and the token are set, as for any other server.

It starts an interpreter for each command, so this is slow. It is skipped where gcloud is not installed.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance
from tests.gateway.sandbox.hl7v2.managing.support import line, message

GCLOUD = shutil.which("gcloud")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")]
ROLE = "roles/healthcare.dicomViewer"
MEMBER = "user:a@hospital.example"
COMMANDS: list[tuple[str, str]] = [
    # What is asked, and what the answer says
    ("datasets create ds --time-zone=UTC", "Created dataset [ds]"),
    ("datasets describe ds", "timeZone: UTC"),
    ("datasets update ds --time-zone=Europe/Berlin", "timeZone: Europe/Berlin"),
    ("datasets list", "ds"),
    ("dicom-stores create images --dataset=ds", "Created dicomStore [images]"),
    ("dicom-stores import gcs images --dataset=ds --gcs-uri=gs://scans/0000*.dcm", "dicomStores/images"),
    ("dicom-stores metrics images --dataset=ds", "instanceCount: '3'"),
    ("dicom-stores export gcs images --dataset=ds --gcs-uri-prefix=gs://scans/out", "dicomStores/images"),
    (f"dicom-stores add-iam-policy-binding images --dataset=ds --member={MEMBER} --role={ROLE}", MEMBER),
    ("dicom-stores get-iam-policy images --dataset=ds", ROLE),
    (f"dicom-stores remove-iam-policy-binding images --dataset=ds --member={MEMBER} --role={ROLE}", "etag"),
    ("dicom-stores update images --dataset=ds --pubsub-topic=projects/p/topics/results", "topics/results"),
    ("dicom-stores list --dataset=ds", "images"),
    ("hl7v2-stores create messages --dataset=ds", "Created hl7v2Store [messages]"),
    ("hl7v2-stores import gcs messages --dataset=ds --gcs-uri=gs://scans/messages.ndjson", "hl7V2Stores/messages"),
    ("hl7v2-stores metrics messages --dataset=ds", "messageType: ADT"),
    ("hl7v2-stores describe messages --dataset=ds", "hl7V2Stores/messages"),
    ("fhir-stores create records --dataset=ds --version=R4 --enable-update-create", "Created fhirStore [records]"),
    (
        "fhir-stores import gcs records --dataset=ds --gcs-uri=gs://scans/p.ndjson --content-structure=resource",
        "records",
    ),
    ("fhir-stores metrics records --dataset=ds", "resourceType: Patient"),
    ("fhir-stores export gcs records --dataset=ds --gcs-uri=gs://scans/fhir", "records"),
    ("fhir-stores list --dataset=ds", "records"),
    ("operations list --dataset=ds", "True"),
    ("fhir-stores delete records --dataset=ds", "Deleted fhirStore [records]"),
    ("datasets delete ds", "Deleted dataset [ds]"),
]


@pytest.fixture
async def environment(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Run a strict sandbox with a bucket; yield the environment of gcloud."""
    scans = tmp_path / "scans"
    scans.mkdir()
    for number in range(3):
        make_instance(scans, number, "1.2", "1.3").rename(scans / f"{number:06}.dcm")
    (scans / "messages.ndjson").write_bytes(line(message(1)))
    (scans / "p.ndjson").write_text('{"resourceType": "Patient", "id": "p", "active": true}')
    (tmp_path / "token").write_text("a-token")
    async with Sandbox(tmp_path / "data", buckets={"scans": scans}, strict=True) as sandbox:
        yield {
            **os.environ,
            "CLOUDSDK_CONFIG": str(tmp_path / "config"),
            "CLOUDSDK_CORE_PROJECT": "p",
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(tmp_path / "token"),
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_HEALTHCARE": f"{sandbox.url}/",
        }


async def run(environment: dict[str, str], command: str) -> tuple[int | None, str]:
    """Run a command of ``gcloud healthcare``; return its status and what it says."""
    words = ["healthcare", *command.split(), "--location=us-central1", "--quiet"]
    process = await asyncio.create_subprocess_exec(
        str(GCLOUD), *words, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@pytest.mark.timeout(1800)
async def test_commands(environment: dict[str, str]) -> None:
    """Each command succeeds, one after the other, and its answer says what was done."""
    wrong = []
    for command, said in COMMANDS:
        status, output = await run(environment, command)
        if status or said not in output:
            wrong.append((command, status, output[-300:]))
    assert wrong == []


EXPORT = "fhir-stores export bq records --dataset=ds --bq-dataset=bq://p.lab"
ADDED = "--write-disposition=write-append --resource-type=Patient --since=2020-01-01T00:00:00Z --recursive-depth=3"
EXPORTS: list[tuple[str, str, int]] = [
    # What is asked, what the answer says, and how many rows the table has afterwards
    (f"{EXPORT} --schema-type=analytics", "the sandbox has rows of schemaType ANALYTICS_V2 only", 0),
    (f"{EXPORT} --schema-type=analytics_v2", "fhirStores/records", 1),
    (f"{EXPORT} --schema-type=analytics_v2", "Already Exists: Table p:lab.Patient", 1),
    (f"{EXPORT} --schema-type=analytics_v2 {ADDED}", "fhirStores/records", 2),
    (f"{EXPORT} --schema-type=analytics_v2 --write-disposition=write-truncate", "fhirStores/records", 1),
]


@pytest.mark.timeout(600)
async def test_export_to_bigquery(environment: dict[str, str]) -> None:
    """The resources of a FHIR store are rows of a table afterwards, or the answer says why they are not."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
    pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")
    healthcare = "v1/projects/p/locations/us-central1/datasets"
    bigquery = "bigquery/v2/projects/p"
    async with ClientSession(environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_HEALTHCARE"]) as client:

        async def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            async with client.request(method, f"/{path}", json=body) as response:
                return response.status, await response.json()

        store = f"{healthcare}/ds/fhirStores"
        for method, path, body in (
            ("POST", f"{healthcare}?datasetId=ds", {}),
            ("POST", f"{store}?fhirStoreId=records", {"version": "R4", "enableUpdateCreate": True}),
            ("PUT", f"{store}/records/fhir/Patient/p", {"resourceType": "Patient", "id": "p", "active": True}),
            ("POST", f"{bigquery}/datasets", {"datasetReference": {"datasetId": "lab"}}),
        ):
            status, answer = await ask(method, path, body)
            assert status in {200, 201}, answer
        wrong = []
        for command, said, rows in EXPORTS:
            _, output = await run(environment, command)
            found = (await ask("GET", f"{bigquery}/datasets/lab/tables/Patient/data"))[1].get("rows", [])
            if said not in output or len(found) != rows:
                wrong.append((command, len(found), output[-300:]))
        assert wrong == []
        sql = {"query": "SELECT id, active FROM lab.Patient", "useLegacySql": False}
        _, found = await ask("POST", f"{bigquery}/queries", sql)
        assert [["p", "true"]] == [[cell["v"] for cell in row["f"]] for row in found["rows"]]
