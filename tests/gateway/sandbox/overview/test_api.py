"""The front page."""

import base64
from pathlib import Path

from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance, sop_instance_uid
from tests.gateway.sandbox.operations_client import DATASET, DICOM, Api
from tests.gateway.sandbox.stow_client import Store

KINDS = ("hl7V2Stores", "dicomStores", "fhirStores", "operations", "reasons")
MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01|ID<42>|P|2.5\rPID|1||7||DOE^JANE\r"


async def fill(sandbox: Sandbox, client: ClientSession, store: Store, folder: Path) -> str:
    """Store a message and an instance; return the instance's UID."""
    body = {"message": {"data": base64.b64encode(MESSAGE).decode()}}
    async with client.post(f"{sandbox.hl7v2_store_url()}/messages:ingest", json=body) as response:
        assert response.status == 200
    file = make_instance(folder, 1, "1.2.3", "1.2.3.4").read_bytes()
    await store(file)
    return sop_instance_uid(file)


async def test_json(sandbox: Sandbox, client: ClientSession, store: Store, tmp_path: Path) -> None:
    """The stores are listed with their counts and what came last."""
    uid = await fill(sandbox, client, store, tmp_path)
    async with client.get(sandbox.url) as response:
        overview = await response.json()
    (hl7v2,), (dicom,) = overview["hl7V2Stores"], overview["dicomStores"]
    assert (hl7v2["name"], hl7v2["messages"]) == ("projects/p/locations/l/datasets/d/hl7V2Stores/s", 1)
    assert (hl7v2["latest"][0]["controlId"], hl7v2["latest"][0]["messageType"]) == ("ID<42>", "ADT")
    assert (dicom["studies"], dicom["series"], dicom["instances"]) == (1, 1, 1)
    assert dicom["latest"][0]["sopInstanceUid"] == uid


async def test_html(sandbox: Sandbox, client: ClientSession, store: Store, tmp_path: Path) -> None:
    """A browser gets a page; what comes from senders is escaped, and no patient is named."""
    uid = await fill(sandbox, client, store, tmp_path)
    async with client.get(sandbox.url, headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"}) as response:
        page = await response.text()
    assert response.content_type == "text/html"
    assert all(text in page for text in (uid, "ID&lt;42&gt;", "1 message<"))
    assert not any(text in page for text in ("<42>", "DOE", "NOBODY"))


async def test_empty(sandbox: Sandbox, client: ClientSession) -> None:
    """Before the first message the page says that there is none."""
    async with client.get(sandbox.url, headers={"Accept": "text/html"}) as response:
        assert "Nothing has been stored yet." in await response.text()
    async with client.get(sandbox.url) as response:
        assert await response.json() == {kind: [] for kind in KINDS}


async def test_fhir(sandbox: Sandbox, client: ClientSession) -> None:
    """A FHIR store is shown with types and IDs of its resources, and without what they say."""
    body = {"resourceType": "Patient", "id": "p", "name": [{"family": "DOE"}]}
    async with client.put(f"{sandbox.fhir_url()}/Patient/p", json=body) as response:
        assert response.status == 201
    async with client.get(sandbox.url, headers={"Accept": "text/html"}) as response:
        page = await response.text()
    assert "1 resource, " in page
    assert "<td>Patient</td><td>p</td>" in page
    assert "DOE" not in page


async def test_operations(api: Api, client: ClientSession) -> None:
    """A store that was created and an operation are shown, with a way to the log of what failed."""
    await api.ask("POST", f"{DATASET}/dicomStores?dicomStoreId=empty")
    api.put("notes.dcm", b"no DICOM")
    done = await api.run(f"{DICOM}:import", {"gcsSource": {"uri": "gs://data/*"}})
    async with client.get(api.sandbox.url) as response:
        overview = await response.json()
    assert (overview["dicomStores"][0]["instances"], overview["operations"]) == (0, [done])
    async with client.get(api.sandbox.url, headers={"Accept": "text/html"}) as response:
        page = await response.text()
    assert f'<a href="/v1/{done["name"]}/logs">log</a>' in page
    assert "ImportDicomData" in page
    assert "1 failed" in page
    assert "1 time: it is no DICOM file" in page
    assert "notes.dcm" not in page
    assert [1] == [each["count"] for each in overview["reasons"]]
