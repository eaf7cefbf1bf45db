"""WADO-RS and DELETE over HTTP."""

from pathlib import Path

import pytest
from aiohttp import ClientError, ClientResponse, ClientSession

from gateway.sandbox.dicom.multipart import MultipartReader, PartBegun, PartContent
from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_instance, shipped, sop_instance_uid
from tests.gateway.sandbox.stow_client import Store

DICOM = 'multipart/related; type="application/dicom"'
EXPLICIT = "1.2.840.10008.1.2.1"


@pytest.fixture
def files(tmp_path: Path) -> list[bytes]:
    """Make three instances in two series of one study."""
    series = {1: "1.1.1", 2: "1.1.1", 3: "1.1.2"}
    return [make_instance(tmp_path, number, "1.1", uid).read_bytes() for number, uid in series.items()]


@pytest.fixture
async def filled(sandbox: Sandbox, store: Store, files: list[bytes]) -> Sandbox:
    """Store the files."""
    assert (await store(*files))[0] == 200
    return sandbox


async def parts(response: ClientResponse) -> list[bytes]:
    """Return the parts of a multipart reply."""
    assert response.status == 200, await response.text()
    found: list[bytes] = []
    for event in MultipartReader(response.headers["Content-Type"].rpartition("boundary=")[2]).receive_data(
        await response.read()
    ):
        if isinstance(event, PartBegun):
            found.append(b"")
        elif isinstance(event, PartContent):
            found[-1] += event.data
    return found


LEVELS = {"study": ("studies/1.1", 3), "series": ("studies/1.1/series/1.1.1", 2)}


@pytest.mark.parametrize(("path", "count"), LEVELS.values(), ids=LEVELS)
@pytest.mark.parametrize(
    "accept", [DICOM, f"{DICOM}; transfer-syntax=*", "*/*", f"{DICOM}; transfer-syntax={EXPLICIT}"]
)
async def test_several(
    filled: Sandbox, client: ClientSession, files: list[bytes], path: str, count: int, accept: str
) -> None:
    """A study and a series come as parts, byte for byte as they were stored."""
    async with client.get(f"{filled.dicom_web_url()}/{path}", headers={"Accept": accept}) as response:
        assert await parts(response) == files[:count]


async def test_instance(filled: Sandbox, client: ClientSession, files: list[bytes]) -> None:
    """An instance comes as a part, or plain for who asks for that, byte for byte as it was stored."""
    url = f"{filled.dicom_web_url()}/studies/1.1/series/1.1.1/instances/{sop_instance_uid(files[1])}"
    async with client.get(url, headers={"Accept": DICOM}) as response:
        assert await parts(response) == [files[1]]
    async with client.get(url, headers={"Accept": "application/dicom; transfer-syntax=*"}) as response:
        assert response.headers["Content-Type"] == f"application/dicom; transfer-syntax={EXPLICIT}"
        assert await response.read() == files[1]


SHIPPED = ["MR_small_bigendian.dcm", "MR_small_RLE.dcm", "image_dfl.dcm", "JPEG2000.dcm", "reportsi.dcm"]


@pytest.mark.parametrize("name", SHIPPED)
async def test_any_transfer_syntax(store: Store, client: ClientSession, name: str) -> None:
    """In every transfer syntax the octets come back unchanged."""
    file = shipped(name).read_bytes()
    _, report = await store(file)
    (reference,) = report["00081199"]["Value"]
    async with client.get(reference["00081190"]["Value"][0], headers={"Accept": DICOM}) as response:
        assert await parts(response) == [file]


REFUSED = {
    "another transfer syntax": f"{DICOM}; transfer-syntax=1.2.840.10008.1.2.4.50",
    "pixels": 'multipart/related; type="application/octet-stream"',
    "a picture": "image/jpeg",
    "one file for a study": "application/dicom",
}


@pytest.mark.parametrize("accept", REFUSED.values(), ids=REFUSED)
async def test_not_acceptable(filled: Sandbox, client: ClientSession, accept: str) -> None:
    """Nothing is transcoded: a request for another format gets 406."""
    async with client.get(f"{filled.dicom_web_url()}/studies/1.1", headers={"Accept": accept}) as response:
        assert response.status == 406


@pytest.mark.parametrize(
    ("path", "count"), [("studies/1.1", 3), ("studies/1.1/series/1.1.2", 1), ("studies/1.1/series/1.1.1", 2)]
)
async def test_metadata(filled: Sandbox, client: ClientSession, path: str, count: int) -> None:
    """Metadata is a list of data sets without pixels."""
    async with client.get(f"{filled.dicom_web_url()}/{path}/metadata") as response:
        found = await response.json(content_type="application/dicom+json")
    assert len(found) == count
    assert {"TEST^NOBODY"} == {each["00100010"]["Value"][0]["Alphabetic"] for each in found}
    assert not any("7FE00010" in each for each in found)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "path", ["studies/9.9", "studies/1.1/series/9.9", "studies/1.1/series/1.1.1/instances/9.9", "studies/1.1/frames"]
)
async def test_not_found(filled: Sandbox, client: ClientSession, method: str, path: str) -> None:
    """What is not there is a 404, and so is what this store cannot do."""
    async with client.request(method, f"{filled.dicom_web_url()}/{path}") as response:
        assert (response.status, (await response.json())["error"]["status"]) == (404, "NOT_FOUND")


async def test_delete(filled: Sandbox, client: ClientSession, files: list[bytes]) -> None:
    """An instance, a series, a study can be deleted; what is left can be found until nothing is."""
    left = []
    for path in (f"series/1.1.1/instances/{sop_instance_uid(files[0])}", "series/1.1.1", ""):
        async with client.delete(f"{filled.dicom_web_url()}/studies/1.1/{path}".rstrip("/")) as response:
            assert response.status == 200
        async with client.get(f"{filled.dicom_web_url()}/instances") as response:
            left.append(len(await response.json(content_type=None)) if response.status == 200 else 0)
    assert left == [2, 1, 0]


async def test_store_after_delete(filled: Sandbox, client: ClientSession, store: Store, files: list[bytes]) -> None:
    """A UID is free again once its instance is deleted."""
    other = files[0].replace(b"TEST^NOBODY", b"TEST^OTHERS")
    assert (await store(other))[0] == 409
    async with client.delete(f"{filled.dicom_web_url()}/studies/1.1"):
        pass
    assert (await store(other))[0] == 200


async def test_file_lost(filled: Sandbox, client: ClientSession, tmp_path: Path) -> None:
    """If a file is missing, the reply is aborted and not shortened."""
    next((tmp_path / "data" / "dicom").rglob("*.dcm")).unlink()
    with pytest.raises(ClientError):
        async with client.get(f"{filled.dicom_web_url()}/studies/1.1", headers={"Accept": DICOM}) as response:
            await response.read()
