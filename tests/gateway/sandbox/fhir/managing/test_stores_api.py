"""Stores over HTTP."""

from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox


async def test_pages(sandbox: Sandbox, client: ClientSession) -> None:
    """Stores are listed by name, in pages; those of other datasets are not."""
    base = f"{sandbox.url}/v1/projects/p/locations/l/datasets/d/fhirStores"
    for name in ("b", "a"):
        async with client.post(f"{base}?fhirStoreId={name}", json={"version": "R4"}) as response:
            assert response.status == 200
    async with client.post(f"{base.replace('/d/', '/d2/')}?fhirStoreId=c", json={"version": "R4"}) as response:
        assert response.status == 200
    found, token = [], ""
    while True:
        async with client.get(base, params={"pageSize": "1", "pageToken": token}) as response:
            page = await response.json()
        found += [each["name"].rpartition("/")[2] for each in page["fhirStores"]]
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert found == ["a", "b"]


async def test_bad_requests(sandbox: Sandbox, client: ClientSession) -> None:
    """What is not JSON, not a number or not a name is a 400."""
    base = f"{sandbox.url}/v1/projects/p/locations/l/datasets/d/fhirStores"
    async with client.post(base, data=b"{") as response:
        assert response.status == 400
    async with client.post(f"{base}?fhirStoreId=a/b", json={"version": "R4"}) as response:
        assert response.status == 400
    async with client.get(f"{base}?pageSize=x") as response:
        assert response.status == 400


async def test_mask(sandbox: Sandbox, client: ClientSession) -> None:
    """A mask has the names of JSON or of protocol buffers; what it does not name stays."""
    url = f"{sandbox.url}/v1/projects/p/locations/l/datasets/d/fhirStores"
    async with client.post(f"{url}?fhirStoreId=f", json={"version": "R4", "labels": {"a": "b"}}) as response:
        assert response.status == 200
    body = {"enableUpdateCreate": True, "labels": {}}
    for mask in ("enableUpdateCreate", "enable_update_create"):
        async with client.patch(f"{url}/f", params={"updateMask": mask}, json=body) as response:
            changed = await response.json()
        assert (changed["enableUpdateCreate"], changed["labels"]) == (True, {"a": "b"})
