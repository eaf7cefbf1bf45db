"""The stores as resources."""

from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import DATASET, Sandbox

CONFIGS = [{"pubsubTopic": "projects/p/topics/results", "filter": 'NOT labels."hilum":*'}]
NAME = f"{DATASET.removeprefix('v1/')}/hl7V2Stores/s"


async def call(
    client: ClientSession, sandbox: Sandbox, method: str, path: str, body: object = None
) -> tuple[int, dict[str, Any]]:
    """Return status and JSON of the reply."""
    async with client.request(method, f"{sandbox.url}/{DATASET}/{path}", json=body) as response:
        return response.status, await response.json()


async def test_create_and_get(sandbox: Sandbox, client: ClientSession) -> None:
    """A store is created once, and shown with its settings."""
    create = "POST", "hl7V2Stores?hl7V2StoreId=s", {"notificationConfigs": CONFIGS}
    made = {"name": NAME, "notificationConfigs": CONFIGS}
    assert (200, made) == await call(client, sandbox, *create)
    assert 409 == (await call(client, sandbox, *create))[0]
    assert (200, made) == await call(client, sandbox, "GET", "hl7V2Stores/s")


async def test_patch(sandbox: Sandbox, client: ClientSession) -> None:
    """The settings that updateMask names are set or removed; a store exists without having been created."""
    assert (200, {"name": NAME}) == await call(client, sandbox, "GET", "hl7V2Stores/s")
    path, body = "hl7V2Stores/s?updateMask=notification_configs", {"notificationConfigs": CONFIGS}
    assert (200, {"name": NAME, **body}) == await call(client, sandbox, "PATCH", path, body)
    assert (200, {"name": NAME}) == await call(client, sandbox, "PATCH", path, {})


WRONG: dict[str, tuple[str, str, object]] = {
    "no mask": ("PATCH", "hl7V2Stores/s", {}),
    "no name": ("POST", "hl7V2Stores", {}),
    "no topic": (
        "PATCH",
        "hl7V2Stores/s?updateMask=notificationConfigs",
        {"notificationConfigs": [{"pubsubTopic": "results"}]},
    ),
    "a wrong filter": (
        "PATCH",
        "hl7V2Stores/s?updateMask=notificationConfigs",
        {"notificationConfigs": [{"pubsubTopic": "projects/p/topics/results", "filter": "x"}]},
    ),
    "an unknown key": (
        "PATCH",
        "hl7V2Stores/s?updateMask=notificationConfigs",
        {"notificationConfigs": [{"topic": "projects/p/topics/results"}]},
    ),
}


@pytest.mark.parametrize(("method", "path", "body"), WRONG.values(), ids=WRONG)
async def test_wrong(sandbox: Sandbox, client: ClientSession, method: str, path: str, body: object) -> None:
    """A request that is not valid changes nothing."""
    assert 400 == (await call(client, sandbox, method, path, body))[0]
    assert (200, {"name": NAME}) == await call(client, sandbox, "GET", "hl7V2Stores/s")
