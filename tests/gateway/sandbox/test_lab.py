"""The way of Google's lab "Ingesting DICOM Data with the Healthcare API", request by request, as curl and bq send them.

``tests/peers/test_gcloud.py`` has the commands of gcloud.
"""

import asyncio
from pathlib import Path
from typing import Any

import pydicom
import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance

pytest.importorskip("duckdb")
pytest.importorskip("sqlglot")
PARENT = "projects/p/locations/us-central1/datasets/dataset1"
EXPORT = b"""{
    'bigqueryDestination': {
        'tableUri': 'bq://p.radiology.metadata',
        'force': true
    }
}"""
"""With single quotes, as the lab's curl command has it."""
QUERY = (
    "SELECT PatientID, COUNT(DISTINCT SOPInstanceUID) AS images, ANY_VALUE(PatientName.Alphabetic) AS name"
    " FROM `p.radiology.metadata` WHERE Modality = 'CT' GROUP BY PatientID ORDER BY PatientID"
)


class Lab:
    """Sends requests."""

    def __init__(self, sandbox: Sandbox, client: ClientSession) -> None:
        self.url, self.client = sandbox.url, client

    async def send(self, method: str, path: str, data: bytes | None = None, json: Any = None) -> Any:
        """Return the JSON of a reply, which must be a success."""
        async with self.client.request(method, f"{self.url}/{path}", data=data, json=json) as response:
            body = await response.json(content_type=None)
            assert response.status == 200, body
            return body

    async def done(self, operation: Any) -> Any:
        """Return an operation when it is done."""
        async with asyncio.timeout(60):
            while not operation.get("done"):
                await asyncio.sleep(0.02)  # poll, as the lab does
                operation = await self.send("GET", f"v1beta1/{operation['name']}")
        return operation


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Return a folder with the images of two patients, and a file that the pattern leaves out."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(5):
        path = make_instance(tmp_path, number, "1.2", f"1.2.{number % 2}", rows=2, columns=2)
        instance = pydicom.dcmread(path)
        instance.PatientID, instance.PatientName = f"P{number % 2}", f"FAMILY{number % 2}^GIVEN"
        instance.save_as(folder / f"{number:07}.dcm")
    (folder / "index.html").write_text("no image")
    return folder


async def test_lab(tmp_path: Path, scans: Path) -> None:
    """Dataset, store, import, export to BigQuery, and a query over the metadata."""
    async with Sandbox(tmp_path / "data", buckets={"spls": scans}, strict=True) as sandbox, ClientSession() as client:
        lab = Lab(sandbox, client)
        await lab.done(await lab.send("POST", f"v1/{PARENT.rpartition('/')[0]}?datasetId=dataset1"))
        made = await lab.send("POST", f"v1beta1/{PARENT}/dicomStores?dicomStoreId=store1")
        assert made == {"name": f"{PARENT}/dicomStores/store1"}
        asked = {"gcsSource": {"uri": "gs://spls/000000*.dcm"}}
        done = await lab.done(await lab.send("POST", f"v1beta1/{PARENT}/dicomStores/store1:import", json=asked))
        assert done["metadata"]["counter"] == {"success": "5"}
        dataset = {"datasetReference": {"projectId": "p", "datasetId": "radiology"}}
        await lab.send("POST", "bigquery/v2/projects/p/datasets", json=dataset)
        for _ in range(2):  # force replaces the table
            done = await lab.done(await lab.send("POST", f"v1beta1/{PARENT}/dicomStores/store1:export", EXPORT))
            assert done["metadata"]["counter"] == {"success": "5"}, done
        found = await lab.send("POST", "bigquery/v2/projects/p/queries", json={"query": QUERY, "useLegacySql": False})
        rows = [[cell["v"] for cell in row["f"]] for row in found["rows"]]
        assert rows == [["P0", "3", "FAMILY0^GIVEN"], ["P1", "2", "FAMILY1^GIVEN"]]
