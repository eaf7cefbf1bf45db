"""What the stores publish."""

import asyncio
import base64
from collections.abc import Mapping
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.pubsub.broker import Published, Subscription
from gateway.sandbox.server import DATASET, Sandbox
from tests.dicom_files import make_instance, sop_instance_uid
from tests.gateway.sandbox.stow_client import Store

MESSAGE = b"MSH|^~\\&|APP|FAC|TO|THERE|20240102||ADT^A01^ADT_A01|42|P|2.5\r"
TOPIC, SUBSCRIPTION = "projects/p/topics/results", "projects/p/subscriptions/hilum"


@pytest.fixture(autouse=True)
def subscribed(sandbox: Sandbox) -> None:
    """Make a topic and a subscription."""
    sandbox.broker.topics[TOPIC] = {}
    sandbox.broker.subscriptions[SUBSCRIPTION] = Subscription(TOPIC)


async def configure(sandbox: Sandbox, client: ClientSession, store: str, settings: Mapping[str, object]) -> None:
    """Change the settings of a store."""
    url = f"{sandbox.url}/{DATASET}/{store}?updateMask={','.join(settings)}"
    async with client.patch(url, json=settings) as response:
        assert response.status == 200


async def ingest(sandbox: Sandbox, client: ClientSession, data: bytes, **labels: str) -> str:
    """Ingest a message and return its name."""
    body = {"message": {"data": base64.b64encode(data).decode(), "labels": labels}}
    async with client.post(f"{sandbox.hl7v2_store_url()}/messages:ingest", json=body) as response:
        return str((await response.json())["message"]["name"])


def told(sandbox: Sandbox) -> list[Published]:
    """Return the notifications that came, without acknowledging them."""
    return [each.message for each in sandbox.broker.pull(SUBSCRIPTION, 100)]


async def test_message(sandbox: Sandbox, client: ClientSession) -> None:
    """A new message is told by its name and type; the same octets again are not."""
    await configure(sandbox, client, "hl7V2Stores/s", {"notificationConfigs": [{"pubsubTopic": TOPIC}]})
    name = await ingest(sandbox, client, MESSAGE)
    await ingest(sandbox, client, MESSAGE)
    assert [(name.encode(), {"msgType": "ADT"})] == [(each.data, each.attributes) for each in told(sandbox)]


async def test_filter(sandbox: Sandbox, client: ClientSession) -> None:
    """A message that the filter leaves out is not told."""
    config = {"pubsubTopic": TOPIC, "filter": 'NOT labels."hilum":*'}
    await configure(sandbox, client, "hl7V2Stores/s", {"notificationConfigs": [config]})
    await ingest(sandbox, client, MESSAGE, hilum="gateway")
    assert [] == told(sandbox)


async def test_no_topic(sandbox: Sandbox, client: ClientSession) -> None:
    """A notification for a topic that does not exist is lost; the message is stored."""
    await configure(
        sandbox, client, "hl7V2Stores/s", {"notificationConfigs": [{"pubsubTopic": "projects/p/topics/other"}]}
    )
    assert await ingest(sandbox, client, MESSAGE)


async def test_faults(sandbox: Sandbox, client: ClientSession) -> None:
    """Notifications are lost, doubled and late as planned."""
    await configure(sandbox, client, "hl7V2Stores/s", {"notificationConfigs": [{"pubsubTopic": TOPIC}]})
    faults = sandbox.faults.notifications
    faults.lose_next()
    faults.delay_next(0.05)
    faults.double_next()
    names = [await ingest(sandbox, client, MESSAGE + b"ZZZ|%d\r" % number) for number in range(4)]
    arrived: list[str] = []
    async with asyncio.timeout(30):
        while len(arrived) < 4:
            arrived += [each.data.decode() for each in told(sandbox)]
            await asyncio.sleep(0.01)
    assert sorted([names[1], names[2], names[2], names[3]]) == sorted(arrived)


async def test_instance(sandbox: Sandbox, client: ClientSession, store: Store, tmp_path: Path) -> None:
    """A new instance is told by its path: without attributes by the old key, with them by the new one."""
    both = {"notificationConfig": {"pubsubTopic": TOPIC}, "notificationConfigs": [{"pubsubTopic": TOPIC}]}
    await configure(sandbox, client, "dicomStores/d", both)
    file = make_instance(tmp_path, 1, "1.2.1", "1.2.1.1").read_bytes()
    for _ in range(2):
        await store(file)
    old, new = told(sandbox)
    path = f"/dicomWeb/studies/1.2.1/series/1.2.1.1/instances/{sop_instance_uid(file)}"
    assert (True, {}, True) == (old.data.decode().endswith(path), old.attributes, new.data == old.data)
    assert ("StoreInstances", sop_instance_uid(file)) == (new.attributes["action"], new.attributes["sopInstanceUID"])
