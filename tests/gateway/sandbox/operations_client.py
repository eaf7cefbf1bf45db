"""A client of the sandbox's API that waits for operations."""

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

DATASET = "projects/p/locations/l/datasets/d"
DICOM, HL7V2 = f"{DATASET}/dicomStores/d", f"{DATASET}/hl7V2Stores/s"


class Api:
    """Sends requests, and has the bucket ``data``."""

    def __init__(self, sandbox: Sandbox, client: ClientSession, root: Path) -> None:
        self.sandbox, self.client = sandbox, client
        self.bucket = root / "buckets" / "data"

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and JSON of the reply."""
        async with self.client.request(method, f"{self.sandbox.url}/v1/{path}", json=body) as response:
            return response.status, await response.json(content_type=None)

    async def run(self, path: str, body: Any) -> Any:
        """Begin an operation; return it when it is done."""
        status, begun = await self.ask("POST", path, body)
        assert status == 200, begun
        async with asyncio.timeout(60):
            while True:
                status, found = await self.ask("GET", begun["name"])
                assert status == 200, found
                if found.get("done"):
                    return found
                await asyncio.sleep(0.01)  # poll, as clients of the API do

    async def refused(self, path: str, body: Any) -> int:
        """Return the status of a request that begins nothing."""
        status, reply = await self.ask("POST", path, body)
        assert "error" in reply
        assert await self.ask("GET", f"{DATASET}/operations") == (200, {})
        return status

    async def log(self, operation: Any) -> list[str]:
        """Return the lines of the log of an operation, without its head."""
        async with self.client.get(operation["metadata"]["logsUrl"]) as response:
            return (await response.text()).splitlines()[3:]

    def put(self, name: str, content: bytes) -> None:
        """Write an object."""
        path = self.bucket / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
