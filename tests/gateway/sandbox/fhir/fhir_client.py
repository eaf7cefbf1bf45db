"""A FHIR client for tests: JSON in and out, status and body of every reply."""

from typing import Any

from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

Reply = tuple[int, Any]


class Fhir:
    """Speaks with one FHIR store of a sandbox."""

    def __init__(self, sandbox: Sandbox, client: ClientSession, store: str = "f") -> None:
        self.url = sandbox.fhir_url(store)
        self._client = client

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Return status and body of the reply to a request; underscores in the names of headers are dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._client.request(method, f"{self.url}/{path}".rstrip("/"), json=body, headers=named) as response:
            return response.status, await response.json(content_type=None)

    async def put(self, resource: dict[str, Any], **headers: str) -> Reply:
        """Store a resource under its ID."""
        return await self.send("PUT", f"{resource['resourceType']}/{resource['id']}", resource, **headers)

    async def read(self, address: str) -> Reply:
        """Read a resource."""
        return await self.send("GET", address)

    async def ids(self, query: str) -> list[str]:
        """Return the IDs that a search finds, in its order, those of included resources after a plus sign."""
        status, bundle = await self.send("GET", query)
        assert status == 200, bundle
        return [
            ("+" if entry["search"]["mode"] == "include" else "") + entry["resource"]["id"]
            for entry in bundle.get("entry", [])
        ]

    async def transaction(self, *entries: dict[str, Any], kind: str = "transaction") -> Reply:
        """Execute a bundle."""
        return await self.send("POST", "", {"resourceType": "Bundle", "type": kind, "entry": list(entries)})


def entry(method: str, url: str, resource: Any = None, full_url: str = "", **request: str) -> dict[str, Any]:
    """Return an entry of a bundle."""
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    if full_url:
        made["fullUrl"] = full_url
    if resource is not None:
        made["resource"] = resource
    return made


def patient(own_id: str = "", /, **elements: Any) -> dict[str, Any]:
    """Return a patient."""
    return {"resourceType": "Patient", **({"id": own_id} if own_id else {}), **elements}


def diagnostics(outcome: Any) -> str:
    """Return what an OperationOutcome says."""
    return str(outcome["issue"][0]["diagnostics"])
