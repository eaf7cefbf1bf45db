"""Operations that handlers begin."""

from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.database import Database
from gateway.sandbox.faults import Faults
from gateway.sandbox.fhir.settings import FhirOptions
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.notifications import Notifier
from gateway.sandbox.operations.running import Running
from gateway.sandbox.place import Place
from gateway.sandbox.pubsub.broker import Broker
from gateway.sandbox.server import DATASET, Sandbox
from gateway.sandbox.tables.target import Target
from gateway.sandbox.worker import Worker


async def test_versions(sandbox: Sandbox, client: ClientSession, tmp_path: Path) -> None:
    """An operation has the types, the method and the log of the version that its client speaks."""
    bucket = tmp_path / "data" / "buckets" / "data"
    bucket.mkdir(parents=True)
    for version in ("v1", "v1beta1"):
        dataset = f"{sandbox.url}/{version}/{DATASET.removeprefix('v1/')}"
        asked = {"gcsSource": {"uri": "gs://data/*"}}
        async with client.post(f"{dataset}/fhirStores/f:import", json=asked) as response:
            metadata = (await response.json())["metadata"]
        assert metadata["@type"] == f"type.googleapis.com/google.cloud.healthcare.{version}.OperationMetadata"
        assert metadata["apiMethodName"] == f"google.cloud.healthcare.{version}.fhir.FhirStoreService.ImportResources"
        async with client.get(metadata["logsUrl"]) as response:
            assert response.status == 200
            assert metadata["logsUrl"].startswith(dataset)


async def test_no_tables(tmp_path: Path) -> None:
    """Where there are no tables, an export to BigQuery is a 501 that says what there is."""
    worker = Worker("test")
    async with Database(tmp_path / "db") as database, Running(database) as running:
        notifier, buckets = Notifier(Broker(lambda: 0.0), Faults().notifications), Buckets(tmp_path, {})
        place = Place(database, worker, tmp_path, notifier, FhirOptions(), buckets, running)
        with pytest.raises(ApiError, match="use gcsDestination") as raised:
            await place.tables_for({"bigqueryDestination": {}}, Target("p", "d", "t"))
        assert 501 == raised.value.status
    worker.close()
