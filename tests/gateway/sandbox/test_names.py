"""Resource names and the addresses of stores."""

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

PATHS = {
    "any names": ("/v1/projects/my-p.1/locations/eu_west/datasets/D/hl7V2Stores/S/messages", 200),
    "a name that is too long": (f"/v1/projects/{'p' * 201}/locations/l/datasets/d/hl7V2Stores/S/messages", 404),
    "a dot first": ("/v1/projects/p/locations/l/datasets/d/hl7V2Stores/.s/messages", 404),
    "out of the folder": ("/v1/projects/p/locations/l/datasets/%2e%2e%2fx/dicomStores/d/dicomWeb/studies", 404),
    "nothing stored": ("/v1/projects/p/locations/l/datasets/d/dicomStores/new/dicomWeb/studies", 204),
}


@pytest.mark.parametrize(("path", "status"), PATHS.values(), ids=PATHS)
async def test_names(sandbox: Sandbox, client: ClientSession, path: str, status: int) -> None:
    """A store with a decent name exists as soon as it is asked for; a name that could leave its folder is not found."""
    async with client.get(f"{sandbox.url}{path}") as response:
        assert response.status == status


async def test_both_versions(sandbox: Sandbox, client: ClientSession) -> None:
    """What was stored by v1beta1 is there in v1, and the answer has the addresses of the version that was asked."""
    path = "projects/p/locations/l/datasets/d/fhirStores/f/fhir/Patient"
    async with client.post(
        f"{sandbox.url}/v1beta1/{path}", json={"resourceType": "Patient", "active": True}
    ) as response:
        assert response.headers["Location"].startswith(f"{sandbox.url}/v1beta1/{path}/")
    async with client.get(f"{sandbox.url}/v1/{path}") as response:
        assert len((await response.json(content_type=None))["entry"]) == 1
