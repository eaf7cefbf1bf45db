"""What a FHIR store publishes."""

import json
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.fhir import notifications
from gateway.sandbox.fhir.notifications import FULL, ON_DELETE
from gateway.sandbox.pubsub.broker import Published, Subscription
from gateway.sandbox.server import DATASET, Sandbox
from tests.gateway.sandbox.fhir.fhir_client import Fhir, entry, patient

TOPIC, SUBSCRIPTION = "projects/p/topics/changes", "projects/p/subscriptions/hilum"
NAME = f"{DATASET.removeprefix('v1/')}/fhirStores/f/fhir/Patient/p"


async def configure(sandbox: Sandbox, client: ClientSession, config: object, expected: int = 200) -> None:
    """Make a store, a topic and a subscription, and set what the store tells."""
    sandbox.broker.topics[TOPIC] = {}
    sandbox.broker.subscriptions[SUBSCRIPTION] = Subscription(TOPIC)
    stores = f"{sandbox.url}/{DATASET}/fhirStores"
    made = {"version": "R4", "enableUpdateCreate": True, "notificationConfigs": config}
    async with client.post(f"{stores}?fhirStoreId=f", json=made) as response:
        assert expected == response.status


def told(sandbox: Sandbox) -> list[Published]:
    """Return the notifications that came, without acknowledging them."""
    return [each.message for each in sandbox.broker.pull(SUBSCRIPTION, 100)]


async def test_names(sandbox: Sandbox, client: ClientSession, fhir: Fhir) -> None:
    """Each change is told by the name of its resource, with Google's attributes."""
    await configure(sandbox, client, [{"pubsubTopic": TOPIC}])
    _, created = await fhir.put(patient("p"))
    await fhir.put(patient("p", active=True))
    patch = [{"op": "replace", "path": "/active", "value": False}]
    await fhir.send("PATCH", "Patient/p", patch, Content_Type="application/json-patch+json")
    await fhir.send("DELETE", "Patient/p")
    found = told(sandbox)
    assert {NAME.encode()} == {each.data for each in found}
    actions = [f"{action}Resource" for action in ("Create", "Update", "Patch", "Delete")]
    assert actions == [each.attributes["action"] for each in found]
    attributes = dict(found[0].attributes)
    assert attributes.pop("lastUpdatedTime").endswith("UTC")
    assert attributes == {
        "action": "CreateResource",
        "resourceType": "Patient",
        "payloadType": "NameOnly",
        "storeName": NAME.partition("/fhir/")[0],
        "versionId": created["meta"]["versionId"],
    }


async def test_full(sandbox: Sandbox, client: ClientSession, fhir: Fhir) -> None:
    """The resource itself may be told, and of a deletion what was deleted."""
    await configure(sandbox, client, [{"pubsubTopic": TOPIC, FULL: True, ON_DELETE: True}])
    _, created = await fhir.put(patient("p"))
    await fhir.send("DELETE", "Patient/p")
    found = told(sandbox)
    assert [created, created] == [json.loads(each.data) for each in found]
    assert {"FullResource"} == {each.attributes["payloadType"] for each in found}


async def test_deletion_by_name(sandbox: Sandbox, client: ClientSession, fhir: Fhir) -> None:
    """A deletion is told by name unless the configuration asks for what was deleted."""
    await configure(sandbox, client, [{"pubsubTopic": TOPIC, FULL: True}])
    await fhir.put(patient("p"))
    await fhir.send("DELETE", "Patient/p")
    assert ["FullResource", "NameOnly"] == [each.attributes["payloadType"] for each in told(sandbox)]


async def test_large(sandbox: Sandbox, client: ClientSession, fhir: Fhir, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resource that is too large for Pub/Sub is told by its name."""
    monkeypatch.setattr(notifications, "MOST_MESSAGE", notifications.ROOM_FOR_ATTRIBUTES + 200)
    await configure(sandbox, client, [{"pubsubTopic": TOPIC, FULL: True}])
    await fhir.put(patient("p", language="x" * 300))
    assert [NAME.encode()] == [each.data for each in told(sandbox)]


async def test_only_what_is_committed(sandbox: Sandbox, client: ClientSession, fhir: Fhir) -> None:
    """A transaction that fails tells nothing."""
    await configure(sandbox, client, [{"pubsubTopic": TOPIC}])
    status, _ = await fhir.transaction(
        entry("PUT", "Patient/p", patient("p")), entry("POST", "Patient", patient(name=[]))
    )
    assert (True, []) == (status >= 400, told(sandbox))


WRONG: dict[str, Any] = {
    "no topic": [{}],
    "no name of a topic": [{"pubsubTopic": "changes"}],
    "a flag that is none": [{"pubsubTopic": TOPIC, FULL: "yes"}],
    "a key of another store": [{"pubsubTopic": TOPIC, "filter": ""}],
    "no list": {"pubsubTopic": TOPIC},
}


@pytest.mark.parametrize("config", WRONG.values(), ids=WRONG)
async def test_wrong(sandbox: Sandbox, client: ClientSession, config: object) -> None:
    """A configuration that Google would not take is a 400."""
    await configure(sandbox, client, config, expected=400)
