"""Requests to the sandbox's Pub/Sub."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

Call = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
def call(sandbox: Sandbox, client: ClientSession) -> Call:
    """Return a function that sends a request to a path below ``/v1/projects/p`` and returns status and JSON."""

    async def send(method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        async with client.request(method, f"{sandbox.url}/v1/projects/p/{path}", json=body) as response:
            return response.status, await response.json()

    return send
