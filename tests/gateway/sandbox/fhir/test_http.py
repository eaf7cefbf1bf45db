"""Bodies, replies and listeners."""

from io import BytesIO

from aiohttp import ClientSession

from gateway.sandbox.fhir import http
from gateway.sandbox.fhir.session import Change
from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, entry, patient


async def test_content_type(fhir: Fhir, client: ClientSession) -> None:
    """A body of another type is a 415."""
    async with client.post(f"{fhir.url}/Patient", data=b"<Patient/>", headers={"Content-Type": "text/xml"}) as response:
        assert response.status == 415


async def test_too_large(fhir: Fhir, client: ClientSession) -> None:
    """A resource above Google's limit is a 413."""
    body = b'{"resourceType":"Patient","language":"' + b"x" * http.LARGEST_RESOURCE
    headers = {"Content-Type": "application/json"}
    async with client.post(f"{fhir.url}/Patient", data=BytesIO(body), headers=headers) as response:
        assert response.status == 413


async def test_prefer(fhir: Fhir) -> None:
    """The client may prefer an outcome to the resource."""
    _, body = await fhir.send("POST", "Patient", patient(), Prefer="return=OperationOutcome")
    assert body["resourceType"] == "OperationOutcome"


async def test_listeners(sandbox: Sandbox, fhir: Fhir) -> None:
    """A listener is told of every change after its commit, and of none that failed."""
    told: list[tuple[str, str]] = []

    def listen(name: str, changes: list[Change]) -> None:
        told.extend((each.action, f"{name.rpartition('/')[2]}/{each.held.type}/{each.held.id}") for each in changes)

    sandbox.fhir_listeners.append(listen)
    await fhir.put(patient("p"))
    await fhir.transaction(entry("DELETE", "Patient/p"), entry("POST", "Patient", patient(name=[])))
    await fhir.put(patient("p"))
    await fhir.send("DELETE", "Patient/p")
    assert told == [(f"{action}Resource", "f/Patient/p") for action in ("Create", "Update", "Delete")]
