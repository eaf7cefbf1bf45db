"""Imports of DICOM files."""

import os
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.dicom.managing.importing import AT_ONCE
from gateway.sandbox.pubsub.broker import Subscription
from tests.dicom_files import make_instance, sop_instance_uid
from tests.gateway.sandbox.operations_client import DICOM, Api

TOPIC = "projects/p/topics/results"


def fill(api: Api, folder: Path, count: int) -> list[str]:
    """Put instances into the bucket; return their UIDs."""
    files = [make_instance(folder, number, "1.2", "1.2.3", rows=2, columns=2).read_bytes() for number in range(count)]
    for number, file in enumerate(files):
        api.put(f"scans/{number:06}.dcm", file)
    return [sop_instance_uid(file) for file in files]


async def instances(api: Api) -> int:
    """Return how many instances the store has."""
    _, found = await api.ask("GET", f"{DICOM}:getDICOMStoreMetrics")
    return int(found["instanceCount"])


async def test_all(api: Api, tmp_path: Path) -> None:
    """Every file of more than one transaction is stored; a second time nothing changes, and it succeeds as well."""
    fill(api, tmp_path, AT_ONCE + 3)
    asked = {"gcsSource": {"uri": "gs://data/scans/000*.dcm"}}
    for _ in range(2):
        done = await api.run(f"{DICOM}:import", asked)
        assert done["response"]["@type"].endswith(".dicom.ImportDicomDataResponse")
        assert done["metadata"]["counter"] == {"success": str(AT_ONCE + 3)}
        assert await instances(api) == AT_ONCE + 3
    assert list((tmp_path / "data" / "incoming").iterdir()) == []


async def test_what_failed(api: Api, tmp_path: Path) -> None:
    """A file that is no instance ends the operation with an error; the others are stored, and the log names it."""
    fill(api, tmp_path, 2)
    api.put("scans/notes.dcm", b"no DICOM")
    api.put("scans/cut.dcm", (api.bucket / "scans/000000.dcm").read_bytes()[:-3])
    done = await api.run(f"{DICOM}:import", {"gcsSource": {"uri": "gs://data/**.dcm"}})
    assert done["metadata"]["counter"] == {"success": "2", "failure": "2"}
    assert (done["error"]["code"], done["error"]["message"][:33]) == (3, "2 of 4 files could not be importe")
    lines = await api.log(done)
    assert [line.partition(": ")[0] for line in lines] == ["gs://data/scans/cut.dcm", "gs://data/scans/notes.dcm"]
    assert await instances(api) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
async def test_not_readable(api: Api, tmp_path: Path) -> None:
    """A file that the sandbox may not read is named."""
    fill(api, tmp_path, 1)
    (api.bucket / "scans/000000.dcm").chmod(0)
    done = await api.run(f"{DICOM}:import", {"gcsSource": {"uri": "gs://data/**"}})
    assert await api.log(done) == ["gs://data/scans/000000.dcm: it may not be read"]


async def test_other_content(api: Api, tmp_path: Path) -> None:
    """An instance that is there with another content stays as it is; the log says that there was one."""
    fill(api, tmp_path, 1)
    await api.run(f"{DICOM}:import", {"gcsSource": {"uri": "gs://data/**"}})
    file = api.bucket / "scans/000000.dcm"
    file.write_bytes(file.read_bytes().replace(b"TEST^NOBODY", b"TEST^OTHERS"))
    done = await api.run(f"{DICOM}:import", {"gcsSource": {"uri": "gs://data/**"}})
    assert done["metadata"]["counter"] == {"success": "1"}
    assert await api.log(done) == ["1 were there already with another content; they stayed as they were"]
    stored = next((tmp_path / "data" / "dicom").rglob("*.dcm")).read_bytes()
    assert b"TEST^NOBODY" in stored


async def test_storage_class(api: Api, tmp_path: Path) -> None:
    """New instances get the storage class of the request."""
    (uid,) = fill(api, tmp_path, 1)
    asked = {"gcsSource": {"uri": "gs://data/**"}, "blobStorageSettings": {"blobStorageClass": "COLDLINE"}}
    await api.run(f"{DICOM}:import", asked)
    _, info = await api.ask("GET", f"{DICOM}/dicomWeb/studies/1.2/series/1.2.3/instances/{uid}:getStorageInfo")
    assert info["blobStorageInfo"]["storageClass"] == "COLDLINE"


async def test_notifications(api: Api, tmp_path: Path) -> None:
    """An import is told to the new kind of topics, and to the old one only with sendForBulkImport."""
    api.sandbox.broker.topics[TOPIC] = {}
    api.sandbox.broker.subscriptions["s"] = Subscription(TOPIC)
    fill(api, tmp_path, 1)
    told = []
    each_way: list[dict[str, Any]] = [
        {"notificationConfig": {"pubsubTopic": TOPIC}},
        {"notificationConfig": {"pubsubTopic": TOPIC, "sendForBulkImport": True}},
        {"notificationConfigs": [{"pubsubTopic": TOPIC}]},
    ]
    for number, settings in enumerate(each_way):
        store = f"{DICOM}{number}"
        await api.ask("PATCH", f"{store}?updateMask={','.join(settings)}", settings)
        await api.run(f"{store}:import", {"gcsSource": {"uri": "gs://data/**"}})
        told.append([each.message.attributes.get("action") for each in api.sandbox.broker.pull("s", 10)])
        await api.ask("DELETE", store)
    assert told == [[], [None], ["ImportDicomData"]]


async def test_nothing(api: Api) -> None:
    """A pattern that no object matches is an error of the operation."""
    done = await api.run(f"{DICOM}:import", {"gcsSource": {"uri": "gs://data/**"}})
    assert done["error"]["code"] == 5
    assert done["error"]["message"].startswith("there is no bucket data: start the sandbox with --bucket data=FOLDER")
