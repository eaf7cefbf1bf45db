"""dicomweb-client, pointed at the sandbox's DICOM store."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmread
from pydicom.dataset import Dataset
from requests.exceptions import HTTPError

from gateway.sandbox.server import Sandbox
from tests.dicom_files import make_series, shipped

NAMES = ["CT_small.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm", "reportsi.dcm"]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Any]:
    """Yield the client; small chunks make it send with chunked transfer encoding."""
    async with Sandbox(tmp_path / "data") as sandbox:
        client = DICOMwebClient(sandbox.dicom_web_url(), chunk_size=16 * 1024)
        yield client
        client._session.close()


async def do(method: Any, *args: Any, **options: Any) -> Any:
    """Do what the synchronous client does, beside the loop that the sandbox runs in."""
    return await asyncio.to_thread(method, *args, **options)


def identity(data_set: Dataset) -> tuple[str, str, str]:
    """Return the UIDs that the client addresses an instance with."""
    return data_set.StudyInstanceUID, data_set.SeriesInstanceUID, data_set.SOPInstanceUID


@pytest.mark.parametrize("name", NAMES)
async def test_store_and_retrieve(client: Any, name: str) -> None:
    """What the client stores it gets back, with its transfer syntax; and the metadata names it."""
    sent = dcmread(shipped(name))
    report = await do(client.store_instances, [sent])
    assert [item.ReferencedSOPInstanceUID for item in report.ReferencedSOPSequence] == [sent.SOPInstanceUID]
    received = await do(client.retrieve_instance, *identity(sent))
    assert received == sent
    assert received.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
    metadata = Dataset.from_json(await do(client.retrieve_instance_metadata, *identity(sent)))
    assert identity(metadata) == identity(sent)


async def test_series(client: Any, tmp_path: Path) -> None:
    """A series is stored at once, found at every level, and retrieved as a whole, streamed or not."""
    sent = [dcmread(path) for path in make_series(tmp_path, 5)]
    study, series, instance = identity(sent[0])
    await do(client.store_instances, sent, study_instance_uid=study)
    assert [study] == [each["0020000D"]["Value"][0] for each in await do(client.search_for_studies)]
    assert [series] == [each["0020000E"]["Value"][0] for each in await do(client.search_for_series, study)]
    found = await do(client.search_for_instances, study, series, get_remaining=True)
    assert [each.SOPInstanceUID for each in sent] == [each["00080018"]["Value"][0] for each in found]
    assert sent == await do(client.retrieve_series, study, series)
    assert sent == await do(lambda: list(client.iter_study(study)))
    assert 5 == len(await do(client.retrieve_study_metadata, study))
    (only,) = await do(client.search_for_instances, search_filters={"SOPInstanceUID": instance}, fields=["Rows"])
    assert only["00280010"]["Value"] == [64]


async def test_nothing_found(client: Any) -> None:
    """A search without a result is an empty list."""
    assert await do(client.search_for_studies, search_filters={"PatientID": "nobody"}) == []


async def test_again(client: Any) -> None:
    """Storing an instance again is success; a changed one under the same UID is a conflict."""
    sent = dcmread(shipped("CT_small.dcm"))
    for _ in range(2):
        await do(client.store_instances, [sent])
    sent.PatientID = "OTHER"
    with pytest.raises(HTTPError) as raised:
        await do(client.store_instances, [sent])
    response: Any = raised.value.response
    (failed,) = Dataset.from_json(response.json()).FailedSOPSequence
    assert (response.status_code, failed.FailureReason) == (409, 0x0111)


async def test_some_stored(client: Any) -> None:
    """The client reads the verdict on each instance of a request."""
    report = await do(client.store_instances, [dcmread(shipped(name)) for name in ("CT_small.dcm", "rtplan.dcm")])
    assert (len(report.ReferencedSOPSequence), len(report.FailedSOPSequence)) == (1, 1)


async def test_delete(client: Any, tmp_path: Path) -> None:
    """Instance, series and study can be deleted."""
    sent = [dcmread(path) for path in make_series(tmp_path, 2)]
    study, series, instance = identity(sent[0])
    await do(client.store_instances, sent)
    await do(client.delete_instance, study, series, instance)
    assert 1 == len(await do(client.search_for_instances))
    await do(client.delete_series, study, series)
    assert await do(client.search_for_studies) == []
    await do(client.store_instances, sent)
    await do(client.delete_study, study)
    assert await do(client.search_for_studies) == []
