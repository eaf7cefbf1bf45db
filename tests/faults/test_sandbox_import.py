"""The sandbox is killed while it imports: nothing is half there, and a second import completes the store."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.dicom_files import make_instance, sop_instance_uid
from tests.processes import hilum

STORE = "projects/p/locations/l/datasets/d/dicomStores/d"
COUNT = 200
ASKED = {"gcsSource": {"uri": "gs://scans/*"}}


@pytest.mark.slow
@pytest.mark.parametrize("imported", [1, 70])
async def test_kill(tmp_path: Path, imported: int) -> None:
    """What the killed operation had done stays, its end is ABORTED, and the next import doubles and loses nothing."""
    scans, data = tmp_path / "scans", tmp_path / "data"
    scans.mkdir()
    uids = {
        sop_instance_uid(make_instance(scans, number, "1.2", "1.3", rows=2, columns=2).read_bytes())
        for number in range(COUNT)
    }
    command = "sandbox", "--port", "0", "--data", data, "--bucket", f"scans={scans}"
    async with ClientSession() as client:
        async with hilum(*command) as sandbox:
            url = f"{(await sandbox.logged('sandbox_started'))['url']}/v1"
            async with client.post(f"{url}/{STORE}:import", json=ASKED) as response:
                name = (await response.json())["name"]
            await until(client, f"{url}/{STORE}:getDICOMStoreMetrics", imported)
            sandbox.process.kill()
            await sandbox.ended()
        async with hilum(*command) as sandbox:
            url = f"{(await sandbox.logged('sandbox_started'))['url']}/v1"
            killed = await get(client, f"{url}/{name}")
            assert (killed["done"], killed["error"]["code"]) == (True, 10)
            assert list((data / "incoming").iterdir()) == []
            async with client.post(f"{url}/{STORE}:import", json=ASKED) as response:
                name = (await response.json())["name"]
            async with asyncio.timeout(120):
                while not (done := await get(client, f"{url}/{name}")).get("done"):
                    await asyncio.sleep(0.05)  # poll, as clients of the API do
            assert done["metadata"]["counter"] == {"success": str(COUNT)}
            found = await get(client, f"{url}/{STORE}/dicomWeb/instances")
            assert sorted(each["00080018"]["Value"][0] for each in found) == sorted(uids)
    assert {path.stem for path in (data / "dicom").rglob("*.dcm")} == uids


async def get(client: ClientSession, url: str) -> Any:
    """Return the JSON of a reply."""
    async with client.get(url) as response:
        return await response.json(content_type=None)


async def until(client: ClientSession, url: str, count: int) -> None:
    """Return when the store has some instances."""
    async with asyncio.timeout(60):
        while int((await get(client, url))["instanceCount"]) < count:
            await asyncio.sleep(0.002)
