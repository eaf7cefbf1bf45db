"""Google's own client, pointed at the sandbox's operations ``deidentify``."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httplib2
import pytest
from aiohttp import ClientSession
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from adapters.deidentify import engines
from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.deidentifying.support import (
    BASIC,
    FHIR_HERE,
    FHIR_THERE,
    FILE,
    HERE,
    NAME,
    REDACTED,
    THERE,
    Operations,
)

OTHER = NAME.replace("/datasets/d", "/datasets/e")


class Google:
    """Google's client, and what puts the sources in place."""

    def __init__(self, service: Any, operations: Operations) -> None:
        self.datasets = service.projects().locations().datasets()
        self.here = operations

    async def done(self, request: Any) -> Any:
        """Begin an operation and poll it, as Google's samples do; return it when it is done."""
        operation = await execute(request)
        async with asyncio.timeout(60):
            while not operation.get("done"):
                await asyncio.sleep(0.05)  # poll
                operation = await execute(self.datasets.operations().get(name=operation["name"]))
        return operation


async def execute(request: Any) -> Any:
    """Do what the synchronous client does, beside the loop that the sandbox runs in."""
    return await asyncio.to_thread(request.execute)


@pytest.fixture
async def google(tmp_path: Path) -> AsyncIterator[Google]:
    """Yield the client, with an instance and a resource in the source."""
    async with Sandbox(tmp_path / "data") as sandbox, ClientSession() as session:
        service = build(
            "healthcare",
            "v1",
            http=httplib2.Http(),
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": sandbox.url},
        )
        operations = Operations(sandbox, session, tmp_path / "data")
        await operations.put_file()
        await operations.put()
        yield Google(service, operations)
        service.close()


async def test_dicom_store(google: Google) -> None:
    """``dicomStores.deidentify`` with a filter: the client sees the summary and the counter."""
    await google.here.make(THERE)
    paths = {"resourcePathsGcsUri": google.here.object("filter.txt", b"/studies/1.3.46.2\n")}
    body = {"destinationStore": THERE, "config": BASIC, "filterConfig": paths}
    done = await google.done(google.datasets.dicomStores().deidentify(sourceStore=HERE, body=body))
    assert done["response"]["@type"].endswith("DeidentifyDicomStoreSummary")
    assert done["metadata"]["counter"] == {"success": "1"}
    (found,) = await google.here.instances()
    assert "Musterfrau" not in str(found)


async def test_fhir_store(google: Google) -> None:
    """``fhirStores.deidentify`` with a filter of resources."""
    await google.here.make(FHIR_THERE)
    body = {
        "destinationStore": FHIR_THERE,
        "config": REDACTED,
        "resourceFilter": {"resources": {"resources": ["Patient/p"]}},
        "skipModifiedResources": True,
    }
    done = await google.done(google.datasets.fhirStores().deidentify(sourceStore=FHIR_HERE, body=body))
    assert done["response"]["@type"].endswith("DeidentifyFhirStoreSummary")
    resource = google.datasets.fhirStores().fhir().read(name=f"{FHIR_THERE}/fhir/Patient/p")
    found = await execute(resource)
    assert ("name" in found, found["active"]) == (False, True)


async def test_dataset(google: Google) -> None:
    """``datasets.deidentify`` makes the dataset; a configuration may be in a bucket."""
    uri = google.here.object("config.json", {**BASIC, **REDACTED})
    body = {"destinationDataset": OTHER, "gcsConfigUri": uri}
    done = await google.done(google.datasets.deidentify(sourceDataset=NAME, body=body))
    assert done["metadata"]["counter"] == {"success": "2"}
    stores = await execute(google.datasets.fhirStores().list(parent=OTHER))
    assert [each["name"] for each in stores["fhirStores"]] == [f"{OTHER}/fhirStores/f"]
    with pytest.raises(HttpError) as raised:
        await execute(google.datasets.deidentify(sourceDataset=NAME, body=body))
    assert raised.value.status_code == 409


async def test_failures(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation succeeds although an instance failed; the counter tells it, and the destination does not have it."""
    monkeypatch.setattr(engines, "find_spec", lambda _: None)  # no detector of text
    await google.here.put_file(FILE.replace(b"1.3.46.1", b"1.3.46.7").replace(b"MONOCHROME2 ", b"MONOCHROMEX "))
    await google.here.make(THERE)
    config = {**BASIC, "image": {"textRedactionMode": "REDACT_ALL_TEXT"}}
    body = {"destinationStore": THERE, "config": config}
    done = await google.done(google.datasets.dicomStores().deidentify(sourceStore=HERE, body=body))
    assert "response" in done
    assert done["metadata"]["counter"] == {"failure": "2"}
    assert await google.here.instances() == []


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"destinationStore": HERE}, 400, "destinationStore is the source"),
        ({"destinationStore": THERE.replace("/d/", "/e/")}, 404, "the destination store does not exist"),
        ({"destinationStore": THERE.replace("/l/", "/elsewhere/")}, 400, "destinationStore is in another location"),
        ({"destinationStore": THERE, "config": {"dicom": {"keepList": {}, "removeList": {}}}}, 400, "config: dicom: `"),
    ],
)
async def test_errors(google: Google, body: dict[str, Any], status: int, reason: str) -> None:
    """A mistake is the client's error, with its reason."""
    await google.here.make(THERE)
    with pytest.raises(HttpError) as raised:
        await execute(google.datasets.dicomStores().deidentify(sourceStore=HERE, body=body))
    assert raised.value.status_code == status
    assert raised.value.reason.startswith(reason)


async def test_operations(google: Google) -> None:
    """Operations are listed page by page; one that is done can be cancelled without effect."""
    await google.here.make(THERE)
    body = {"destinationStore": THERE, "config": BASIC}
    done = [await google.done(google.datasets.dicomStores().deidentify(sourceStore=HERE, body=body)) for _ in range(3)]
    operations = google.datasets.operations()
    request, seen = operations.list(name=NAME, pageSize=2), []
    while request is not None:
        page = await execute(request)
        seen += [each["name"] for each in page["operations"]]
        request = operations.list_next(request, page)
    assert seen == [each["name"] for each in done[::-1]]
    assert await execute(operations.cancel(name=seen[0], body={})) == {}
    assert await execute(operations.get(name=seen[0])) == done[2]


async def test_cancelled(google: Google) -> None:
    """An operation that is cancelled while it runs ends with the error CANCELLED, or was done before."""
    for number in range(100):
        await google.here.put({"resourceType": "Patient", "id": f"p{number}", "name": [{"family": "Quagmire"}]})
    await google.here.make(FHIR_THERE)
    body = {"destinationStore": FHIR_THERE, "config": REDACTED}
    begun = await execute(google.datasets.fhirStores().deidentify(sourceStore=FHIR_HERE, body=body))
    await execute(google.datasets.operations().cancel(name=begun["name"], body={}))
    done = await google.here.done(begun)
    if "error" in done:
        assert (done["error"]["code"], done["metadata"]["cancelRequested"]) == (1, True)
        assert int(done["metadata"]["counter"]["pending"]) > 0
    else:
        assert done["metadata"]["counter"] == {"success": "101"}
