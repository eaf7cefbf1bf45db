"""From images to an answer in SQL: a DICOM store is exported to a table, which is asked."""

import asyncio
from pathlib import Path

from aiohttp import ClientSession
from pydicom import dcmread

from gateway.sandbox.server import DATASET, Sandbox
from tests.dicom_files import make_instance
from tests.gateway.sandbox.bigquery.conftest import Ask
from tests.gateway.sandbox.stow_client import Store


async def export(sandbox: Sandbox, client: ClientSession, destination: dict[str, object]) -> None:
    """Export the store, and wait until the operation is done."""
    url = f"{sandbox.url}/{DATASET}/dicomStores/d:export"
    async with client.post(url, json={"bigqueryDestination": destination}) as response:
        name = (await response.json())["name"]
    operation: dict[str, object] = {}
    while not operation.get("done"):
        await asyncio.sleep(0.02)
        async with client.get(f"{sandbox.url}/v1/{name}") as response:
            operation = await response.json()
    assert "response" in operation


async def test_headers_in_sql(
    sandbox: Sandbox, client: ClientSession, ask: Ask, table: str, store: Store, tmp_path: Path
) -> None:
    """Both shapes of an export can be asked: columns by keyword, and one column of JSON."""
    for number, patient in enumerate(("A", "A", "B"), 1):
        path = make_instance(tmp_path, number, f"1.2.{patient == 'A':d}", f"1.2.3.{number}")
        data_set = dcmread(path)
        data_set.PatientID, data_set.Modality = patient, "CT"
        data_set.save_as(path)
        assert 200 == (await store(path.read_bytes()))[0]
    await export(sandbox, client, {"tableUri": "bq://p.lab.flat", "force": True})
    await export(sandbox, client, {"tableUri": "bq://p.lab.json", "schemaJson": {}})
    flat = (
        "SELECT PatientID, COUNT(DISTINCT SeriesInstanceUID) AS n FROM `p.lab.flat` GROUP BY PatientID ORDER BY n DESC"
    )
    _, found = await ask("POST", "queries", {"query": flat, "useLegacySql": False})
    assert [["A", "2"], ["B", "1"]] == [[cell["v"] for cell in row["f"]] for row in found["rows"]]
    whole = """SELECT COUNT(*) FROM lab.json WHERE JSON_VALUE(Metadata, '$."00080060".Value[0]') = 'CT'"""
    _, found = await ask("POST", "queries", {"query": whole, "useLegacySql": False})
    assert [{"f": [{"v": "3"}]}] == found["rows"]
