"""FHIR's bulk export."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import DATASET, Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, patient


@pytest.fixture
async def store(sandbox: Sandbox, client: ClientSession) -> Fhir:
    """Create a store with a destination for exports; return its client."""
    config = {"version": "R4", "enableUpdateCreate": True, "bulkExportGcsDestination": {"uriPrefix": "gs://data/bulk"}}
    async with client.post(f"{sandbox.url}/{DATASET}/fhirStores?fhirStoreId=f", json=config) as response:
        assert response.status == 200
    return Fhir(sandbox, client)


async def manifest(client: ClientSession, url: str) -> tuple[str, list[Any]]:
    """Begin an export; return the address of its status, and the output when it is done."""
    async with client.get(url) as response:
        assert response.status == 202, await response.text()
        address = response.headers["Content-Location"]
    async with asyncio.timeout(60):
        while True:
            async with client.get(address) as response:
                if response.status == 200:
                    return address, (await response.json(content_type=None))["output"]
                assert (response.status, response.headers["X-Progress"]) == (202, "in progress")
            await asyncio.sleep(0.01)  # poll, as clients of the API do


async def test_whole_store(store: Fhir, client: ClientSession, tmp_path: Path) -> None:
    """The status is the manifest, whose files begin with the number of the export; it can be forgotten."""
    await store.put(patient("p"))
    address, output = await manifest(client, f"{store.url}/$export?_type=Patient")
    number = address.rpartition("/")[2]
    assert output == [{"type": "Patient", "url": f"gs://data/bulk/{number}_Patient.ndjson"}]
    assert (tmp_path / "data/buckets/data/bulk" / f"{number}_Patient.ndjson").exists()
    async with client.delete(address) as response:
        assert response.status == 202
    async with client.get(address) as response:
        assert response.status == 404


async def test_group(store: Fhir, client: ClientSession, tmp_path: Path) -> None:
    """Each patient of the group is followed by its record; the group has a file of its own."""
    for name in ("p", "q", "other"):
        await store.put(patient(name))
        about = {"status": "final", "code": {"text": "x"}, "subject": {"reference": f"Patient/{name}"}}
        await store.put({"resourceType": "Observation", "id": f"of-{name}", **about})
    members = [{"entity": {"reference": f"Patient/{name}"}} for name in ("q", "p")]
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True, "member": members}
    await store.put(group)
    _, output = await manifest(client, f"{store.url}/Group/g/$export?organizeOutputBy=Patient")
    files = {each["type"]: tmp_path / "data/buckets/data/bulk" / each["url"].rpartition("/")[2] for each in output}
    ids = {kind: [json.loads(line)["id"] for line in path.read_text().splitlines()] for kind, path in files.items()}
    assert ids == {"Patient": ["q", "of-q", "p", "of-p"], "Group": ["g"]}


async def test_refused(store: Fhir, client: ClientSession, sandbox: Sandbox) -> None:
    """What cannot be exported begins no operation."""
    for path, status in (
        ("Group/g/$export?organizeOutputBy=Patient", 404),
        ("Group/g/$export", 400),
        ("$export?_type=Quagmire", 404),
        ("$export?_since=yesterday", 400),
        ("$export?_outputFormat=csv", 400),
    ):
        assert (await store.send("GET", path))[0] == status, path
    assert (await Fhir(sandbox, client, "without").send("GET", "$export"))[0] == 404
    async with client.get(f"{sandbox.url}/{DATASET}/operations") as response:
        assert await response.json() == {}
