"""DICOM stores as a whole, over HTTP."""

from pathlib import Path

import pytest

from tests.dicom_files import make_instance, sop_instance_uid
from tests.gateway.sandbox.operations_client import DICOM, Api
from tests.gateway.sandbox.stow_client import Store

BUCKET = {"uriPrefix": "gs://data/out"}
WRONG = [
    ("import", {}, 400),
    ("import", {"gcsSource": {"uri": "gs://data/**/x"}}, 400),
    ("import", {"gcsSource": {"uri": "gs://data/x"}, "blobStorageSettings": {"blobStorageClass": "X"}}, 400),
    ("import", {"gcsSource": {"uri": "gs://data/x"}, "y": 1}, 400),
    ("export", {}, 400),
    ("export", {"gcsDestination": {"uriPrefix": "/tmp"}}, 400),
    ("export", {"gcsDestination": {**BUCKET, "mimeType": "video/mp4"}}, 400),
    ("export", {"gcsDestination": BUCKET, "filterConfig": {"resourcePathsGcsUri": "gs://data/none"}}, 404),
    ("export", {"gcsDestination": BUCKET, "bigqueryDestination": {"tableUri": "bq://p.d.t"}}, 400),
    ("setBlobStorageSettings", {}, 400),
]


@pytest.mark.parametrize(("verb", "body", "status"), WRONG)
async def test_refused(api: Api, verb: str, body: object, status: int) -> None:
    """What cannot be done is refused at once, and begins nothing."""
    assert await api.refused(f"{DICOM}:{verb}", body) == status


async def test_metrics(api: Api, store: Store, tmp_path: Path) -> None:
    """A store, a study and a series have the names by which they were asked for."""
    uid = sop_instance_uid(file := make_instance(tmp_path, 1, "1.2", "1.3").read_bytes())
    await store(file)
    web = f"{DICOM}/dicomWeb/studies/1.2"
    _, found = await api.ask("GET", f"{DICOM}:getDICOMStoreMetrics")
    assert (found["name"], found["studyCount"]) == (DICOM, "1")
    _, found = await api.ask("GET", f"{web}:getStudyMetrics")
    assert (found["study"], found["seriesCount"]) == (web, "1")
    _, found = await api.ask("GET", f"{web}/series/1.3:getSeriesMetrics")
    assert (found["series"], found["instanceCount"]) == (f"{web}/series/1.3", "1")
    name = f"{web}/series/1.3/instances/{uid}"
    _, found = await api.ask("GET", f"{name}:getStorageInfo")
    assert (found["referencedResource"], found["blobStorageInfo"]["sizeBytes"]) == (name, str(len(file)))


async def test_storage_classes(api: Api, store: Store, tmp_path: Path) -> None:
    """A class is set for a study, or for what the filter of a store names; the operation counts the instances."""
    for study in ("1.1", "1.2"):
        await store(make_instance(tmp_path, 1, study, f"{study}.9").read_bytes())
    settings = {"blobStorageSettings": {"blobStorageClass": "ARCHIVE"}}
    done = await api.run(f"{DICOM}/dicomWeb/studies/1.1:setBlobStorageSettings", settings)
    assert done["metadata"]["counter"] == {"success": "1"}
    api.put("f", b"/studies/1.2\n")
    chosen = {**settings, "filterConfig": {"resourcePathsGcsUri": "gs://data/f"}}
    assert (await api.run(f"{DICOM}:setBlobStorageSettings", chosen))["metadata"]["counter"] == {"success": "1"}
    assert (await api.run(f"{DICOM}:setBlobStorageSettings", settings))["metadata"]["counter"] == {"success": "2"}
    status, _ = await api.ask("POST", f"{DICOM}/dicomWeb/studies/1.1:setBlobStorageSettings", chosen)
    assert status == 400


async def test_deletion_is_an_operation(api: Api, store: Store, tmp_path: Path) -> None:
    """Deleting a study answers with an operation that is done, deleting an instance with nothing."""
    files = [make_instance(tmp_path, number, "1.2", "1.3").read_bytes() for number in (1, 2)]
    await store(*files)
    path = f"{DICOM}/dicomWeb/studies/1.2/series/1.3/instances/{sop_instance_uid(files[0])}"
    assert await api.ask("DELETE", path) == (200, {})
    status, begun = await api.ask("DELETE", f"{DICOM}/dicomWeb/studies/1.2")
    assert status == 200
    _, done = await api.ask("GET", begun["name"])
    assert (done["done"], done["metadata"]["counter"]) == (True, {"success": "1"})
