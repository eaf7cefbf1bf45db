"""Policies that are enforced."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.iam.enforcing import above, resources_of
from gateway.sandbox.server import Sandbox

DATASET = "projects/p/locations/l/datasets/d"
STORE = f"{DATASET}/dicomStores/s"


class Principals:
    """Sends requests in the name of somebody."""

    def __init__(self, sandbox: Sandbox, client: ClientSession) -> None:
        self._url, self._client = sandbox.url, client

    async def ask(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and JSON of the reply."""
        headers = {"Authorization": f"Bearer {who}"} if who else {}
        async with self._client.request(method, f"{self._url}/v1/{path}", json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    async def bind(self, resource: str, role: str, member: str) -> None:
        """Set a policy as the owner."""
        policy = {"bindings": [{"role": role, "members": [member]}]}
        assert (await self.ask("boss", "POST", f"{resource}:setIamPolicy", {"policy": policy}))[0] == 200


@pytest.fixture
async def principals(tmp_path: Path, client: ClientSession) -> AsyncIterator[Principals]:
    """Run a sandbox whose owner is the boss."""
    async with Sandbox(tmp_path / "data", owner="boss") as sandbox:
        yield Principals(sandbox, client)


async def test_roles(principals: Principals) -> None:
    """A role of the store, of the dataset or of the project is enough for what it allows, and for nothing else."""
    status, reply = await principals.ask("a@x", "GET", STORE)
    assert (status, reply["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert "healthcare.dicomStores.get" in reply["error"]["message"]
    assert (await principals.ask("", "GET", STORE))[0] == 401
    for resource in (STORE, DATASET, "projects/p"):
        await principals.bind(resource, "roles/healthcare.dicomViewer", "user:a@x")
        assert (await principals.ask("a@x", "GET", STORE))[0] == 200
        assert (await principals.ask("a@x", "GET", f"{STORE}/dicomWeb/studies"))[0] == 204
        assert (await principals.ask("a@x", "DELETE", STORE))[0] == 403
        assert (await principals.ask("a@x", "POST", f"{STORE}:setIamPolicy", {"policy": {}}))[0] == 403
        await principals.bind(resource, "roles/healthcare.dicomViewer", "user:other@x")


async def test_permissions(principals: Principals) -> None:
    """Who asks for permissions gets those of its roles; the owner has all."""
    await principals.bind(STORE, "roles/healthcare.dicomViewer", "user:a@x")
    asked = ["healthcare.dicomStores.get", "healthcare.dicomStores.delete"]
    body = {"permissions": asked}
    assert await principals.ask("a@x", "POST", f"{STORE}:testIamPermissions", body) == (200, {"permissions": asked[:1]})
    assert await principals.ask("b@x", "POST", f"{STORE}:testIamPermissions", body) == (200, {})
    assert await principals.ask("boss", "POST", f"{STORE}:testIamPermissions", body) == (200, body)


async def test_everybody(principals: Principals) -> None:
    """A policy may allow something to those without a token."""
    await principals.bind(STORE, "roles/healthcare.dicomViewer", "allUsers")
    assert (await principals.ask("", "GET", STORE))[0] == 200


async def test_policies_of_projects(principals: Principals) -> None:
    """Only who may set the policy of a project sets it."""
    policy = {"policy": {"bindings": [{"role": "roles/owner", "members": ["user:a@x"]}]}}
    assert (await principals.ask("a@x", "POST", "projects/p:setIamPolicy", policy))[0] == 403
    assert (await principals.ask("boss", "POST", "projects/p:setIamPolicy", policy))[0] == 200
    assert (await principals.ask("a@x", "POST", "projects/p:setIamPolicy", policy))[0] == 200


def test_resources() -> None:
    """The resources of a path are the project, the dataset and the store, without verbs."""
    names = ["projects/p", DATASET, STORE]
    assert resources_of(f"/v1/{STORE}/dicomWeb/studies/1:x") == names
    assert resources_of(f"/v1beta1/{STORE}:import") == names
    assert resources_of(f"/v1/{DATASET}:getIamPolicy") == names[:2]
    assert above(STORE) == names
