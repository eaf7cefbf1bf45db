"""Speaks with the operations of a sandbox, and has an instance and a resource for it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from gateway.sandbox.server import DATASET, Sandbox
from tests.adapters.deidentify.dicom.made import native

NAME = DATASET.removeprefix("v1/")
"""The dataset of the sources."""
HERE, THERE = f"{NAME}/dicomStores/d", f"{NAME}/dicomStores/research"
FHIR_HERE, FHIR_THERE = f"{NAME}/fhirStores/f", f"{NAME}/fhirStores/research"
BASIC = {"dicom": {"filterProfile": "ATTRIBUTE_CONFIDENTIALITY_BASIC_PROFILE"}}
REDACTED = {"fhir": {"fieldMetadataList": [{"paths": ["Patient.name"], "action": "TRANSFORM"}]}}
FILE = native(bytes(16))
"""An instance of Erika Musterfrau."""
JSON = {"Accept": "application/json"}
STUDY = "1.3.46.2"
PATIENT: dict[str, Any] = {"resourceType": "Patient", "id": "p", "name": [{"family": "Quagmire"}], "active": True}


class Operations:
    """A client of the sandbox's own API."""

    def __init__(self, sandbox: Sandbox, client: ClientSession, data: Path) -> None:
        self.sandbox, self.client, self.data = sandbox, client, data

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and JSON of a reply."""
        async with self.client.request(method, f"{self.sandbox.url}/v1/{path}", json=body, headers=JSON) as response:
            return response.status, await response.json(content_type=None)

    async def begin(self, source: str, **body: Any) -> Any:
        """Begin an operation; return it."""
        status, begun = await self.ask("POST", f"{source}:deidentify", body)
        assert status == 200, begun
        assert "done" not in begun
        return begun

    async def done(self, operation: Any) -> Any:
        """Return an operation when it is done."""
        async with asyncio.timeout(60):
            while True:
                status, found = await self.ask("GET", operation["name"])
                assert status == 200, found
                if found.get("done"):
                    return found
                await asyncio.sleep(0.02)  # poll, as clients of the API do

    async def run(self, source: str, **body: Any) -> Any:
        """Begin an operation; return it when it is done."""
        return await self.done(await self.begin(source, **body))

    async def refused(self, source: str, **body: Any) -> tuple[int, str]:
        """Return status and message of a request that is refused."""
        status, reply = await self.ask("POST", f"{source}:deidentify", body)
        return status, reply["error"]["message"]

    async def put_file(self, file: bytes = FILE, store: str = HERE) -> None:
        """Store an instance."""
        part = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + file + b"\r\n--b--\r\n"
        kind = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=b'}
        url = f"{self.sandbox.url}/v1/{store}/dicomWeb/studies"
        async with self.client.post(url, data=part, headers=kind) as response:
            assert response.status == 200, await response.text()

    async def put(self, resource: Any = None, store: str = FHIR_HERE) -> None:
        """Store a resource."""
        resource = PATIENT if resource is None else resource
        path = f"{store}/fhir/{resource['resourceType']}/{resource['id']}"
        status, reply = await self.ask("PUT", path, resource)
        assert status in {200, 201}, reply

    async def make(self, store: str) -> None:
        """Create a store."""
        above, _, identifier = store.rpartition("/")
        kind = above.rpartition("/")[2]
        body = {"version": "R4", "enableUpdateCreate": True} if kind == "fhirStores" else {}
        status, reply = await self.ask("POST", f"{above}?{kind[:-1]}Id={identifier}", body)
        assert status == 200, reply

    async def instances(self, store: str = THERE) -> Any:
        """Return the instances of a store in DICOM JSON."""
        url = f"{self.sandbox.url}/v1/{store}/dicomWeb/instances"
        async with self.client.get(url, params={"includefield": "all"}) as response:
            return await response.json(content_type=None) if response.status == 200 else []

    async def resources(self, kind: str, store: str = FHIR_THERE) -> list[Any]:
        """Return the resources of a type."""
        _, bundle = await self.ask("GET", f"{store}/fhir/{kind}")
        return [each["resource"] for each in bundle.get("entry", [])]

    def object(self, name: str, content: bytes | Any) -> str:
        """Write an object of the bucket ``data``; return its URI."""
        path = self.data / "buckets" / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return f"gs://data/{name}"
