"""Policies over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox

Ask = Callable[..., Awaitable[tuple[int, Any]]]
DATASET = "projects/p/locations/l/datasets/d"
POLICY = {"bindings": [{"role": "roles/healthcare.dicomViewer", "members": ["user:a@x.example"]}]}


@pytest.fixture
def ask(sandbox: Sandbox, client: ClientSession) -> Ask:
    """Return what sends a request and returns status and JSON of the reply."""

    async def send(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with client.request(method, f"{sandbox.url}/v1/{path}", json=body) as response:
            return response.status, await response.json(content_type=None)

    return send


@pytest.mark.parametrize(
    "name", [DATASET, *(f"{DATASET}/{kind}Stores/s" for kind in ("dicom", "hl7V2", "fhir")), "projects/p"]
)
async def test_set_and_get(ask: Ask, name: str) -> None:
    """A policy that was set is read again; with the etag of the one before it, it cannot be set."""
    _, none = await ask("GET", f"{name}:getIamPolicy")
    status, made = await ask("POST", f"{name}:setIamPolicy", {"policy": {**POLICY, **none}})
    assert (status, made["bindings"]) == (200, POLICY["bindings"])
    assert await ask("GET", f"{name}:getIamPolicy?options.requestedPolicyVersion=3") == (200, made)
    status, reply = await ask("POST", f"{name}:setIamPolicy", {"policy": {**POLICY, **none}})
    assert (status, reply["error"]["status"]) == (409, "ABORTED")


async def test_permissions(ask: Ask) -> None:
    """Without enforcement everybody has every permission that is asked for."""
    asked = {"permissions": ["healthcare.datasets.get"]}
    assert await ask("POST", f"{DATASET}:testIamPermissions", asked) == (200, asked)
    assert await ask("POST", f"{DATASET}:testIamPermissions", {}) == (200, {})
    assert (await ask("POST", f"{DATASET}:testIamPermissions", {"permissions": ["healthcare.*"]}))[0] == 400


async def test_refused(ask: Ask) -> None:
    """A request without a policy, or with one that is none, sets nothing."""
    for body in ({}, {"policy": 5}, {"policy": {"bindings": 5}}, {"policy": {}, "x": 1}):
        assert (await ask("POST", f"{DATASET}:setIamPolicy", body))[0] == 400
    assert await ask("GET", f"{DATASET}:getIamPolicy") == (200, {"etag": "ACAB"})
