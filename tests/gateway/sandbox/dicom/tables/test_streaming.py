"""Streams of new instances to tables."""

from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.dicom.tables.streaming import targets_in
from gateway.sandbox.google_error import ApiError
from tests.dicom_files import make_instance, sop_instance_uid
from tests.gateway.sandbox.dicom.tables.test_exporting import Written, sandbox, tables
from tests.gateway.sandbox.operations_client import DICOM, Api
from tests.gateway.sandbox.stow_client import Store

__all__ = ["sandbox", "tables"]
CONFIG = {"bigqueryDestination": {"tableUri": "bq://p.d.t", "schemaJson": {}}}


async def test_new_instances(api: Api, store: Store, tables: Written, tmp_path: Path) -> None:
    """Each new instance is a row, of a request and of an import; one that was there is not."""
    status, _ = await api.ask("PATCH", f"{DICOM}?updateMask=streamConfigs", {"streamConfigs": [CONFIG]})
    assert status == 200
    files = [make_instance(tmp_path, number, "1.2", "1.3").read_bytes() for number in range(2)]
    for _ in range(2):
        await store(files[0])
    for number, file in enumerate(files):
        api.put(f"{number}.dcm", file)
    await api.run(f"{DICOM}:import", {"gcsSource": {"uri": "gs://data/*"}})
    assert [row["SOPInstanceUID"] for row in tables.rows] == [sop_instance_uid(file) for file in files]
    assert {how for *_, how in tables.calls} == {"WRITE_APPEND"}


async def test_lost_rows(
    api: Api, store: Store, tables: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that cannot be written does not undo the instance."""
    await api.ask("PATCH", f"{DICOM}?updateMask=streamConfigs", {"streamConfigs": [CONFIG]})

    async def refuse(*_: object) -> None:
        raise ApiError(404, "there is no such dataset")

    monkeypatch.setattr(tables, "write", refuse)
    status, _ = await store(make_instance(tmp_path, 1, "1.2", "1.3").read_bytes())
    assert status == 200
    _, found = await api.ask("GET", f"{DICOM}:getDICOMStoreMetrics")
    assert found["instanceCount"] == "1"


@pytest.mark.parametrize(
    ("configs", "status"),
    [
        (5, 400),
        ([5], 400),
        ([CONFIG, CONFIG], 400),
        ([{"bigqueryDestination": {"tableUri": "x"}}], 400),
        ([{"deidentifiedStoreDestination": {}}], 501),
    ],
)
def test_wrong(configs: Any, status: int) -> None:
    """What names no table, or one twice, is refused."""
    with pytest.raises(ApiError) as raised:
        targets_in({"streamConfigs": configs})
    assert raised.value.status == status
