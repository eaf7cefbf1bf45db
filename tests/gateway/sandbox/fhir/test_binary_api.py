"""Binary resources as raw data."""

from aiohttp import ClientSession

from tests.gateway.sandbox.fhir.fhir_client import Fhir

DATA = b"\x00\xff not JSON"


async def test_raw(fhir: Fhir, client: ClientSession) -> None:
    """Raw data is stored and read as it was, and is a Binary for a client that accepts FHIR."""
    async with client.post(f"{fhir.url}/Binary", data=DATA, headers={"Content-Type": "image/x"}) as response:
        assert response.status == 201
        address = response.headers["Location"].partition("/_history")[0]
        version = response.headers["Location"]
    for url in (address, version):
        async with client.get(url) as response:
            assert (response.content_type, await response.read()) == ("image/x", DATA)
    async with client.get(address, headers={"Accept": "application/fhir+json"}) as response:
        assert (await response.json(content_type=None))["resourceType"] == "Binary"


async def test_other_json(fhir: Fhir, client: ClientSession) -> None:
    """JSON that is no Binary is data like any other."""
    async with client.post(f"{fhir.url}/Binary", json={"resourceType": "Patient"}) as response:
        assert response.status == 201
        address = response.headers["Location"].partition("/_history")[0]
    async with client.get(address) as response:
        assert await response.read() == b'{"resourceType": "Patient"}'


async def test_update(fhir: Fhir, client: ClientSession) -> None:
    """A Binary is replaced under its ID."""
    for data, status in ((b"1", 201), (b"2", 200)):
        async with client.put(f"{fhir.url}/Binary/x", data=data, headers={"Content-Type": "text/plain"}) as response:
            assert response.status == status
    async with client.get(f"{fhir.url}/Binary/x") as response:
        assert await response.read() == b"2"
