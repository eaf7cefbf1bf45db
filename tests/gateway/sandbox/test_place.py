"""Operations that handlers begin."""

from pathlib import Path

from aiohttp import ClientSession

from gateway.sandbox.server import DATASET, Sandbox


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
