"""A client of the sandbox's own API."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

Ask = Callable[..., Awaitable[tuple[int, Any]]]
LOCATION = "projects/p/locations/l"
DATASET = f"{LOCATION}/datasets/d"


@pytest.fixture
def ask(sandbox: Sandbox, client: ClientSession) -> Ask:
    """Return what sends a request and returns status and JSON of the reply."""

    async def send(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        async with client.request(method, f"{sandbox.url}/v1/{path}", json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    return send
