"""Resources of the sandbox's FHIR store, fetched by notifications."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.events.settings import PubsubFhirSettings
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from gateway.sandbox.server import DATASET
from tests.adapters.events.cloud import SUBSCRIPTION, TOPIC, Cloud, fetching
from tests.gateway.sandbox.fhir.fhir_client import Fhir, patient
from tests.waiting import until


class Destination:
    """Takes resources."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.outcome = outcome or Stored()
        self.messages: list[Message] = []

    async def deliver(self, message: Message) -> Outcome:
        """Take one."""
        self.messages.append(message)
        return self.outcome

    async def resources(self) -> list[dict[str, Any]]:
        """Return what came."""
        bodies = [b"".join([bytes(each) async for each in message.body.chunks()]) for message in self.messages]
        return [json.loads(each) for each in bodies]


def settings_for(cloud: Cloud, **others: object) -> PubsubFhirSettings:
    """Return settings of a listener."""
    given = {
        "kind": "pubsub_fhir",
        "subscription": SUBSCRIPTION,
        "store": f"{cloud.sandbox.url}/{DATASET}/fhirStores/f",
        "pubsub_url": cloud.sandbox.url,
        "settle_seconds": 0.5,
        **others,
    }
    return PubsubFhirSettings.model_validate(given)


async def told_store(cloud: Cloud, **config: bool) -> Fhir:
    """Make a store that tells the topic."""
    await cloud.subscribe("hl7V2Stores/unused")
    body = {"version": "R4", "enableUpdateCreate": True, "notificationConfigs": [{"pubsubTopic": TOPIC, **config}]}
    url = f"{cloud.sandbox.url}/{DATASET}/fhirStores?fhirStoreId=f"
    async with cloud.client.post(url, json=body) as response:
        assert 200 == response.status
    return Fhir(cloud.sandbox, cloud.client)


@pytest.mark.parametrize("is_full", [False, True], ids=["name", "resource"])
async def test_current_version(cloud: Cloud, tmp_path: Path, is_full: bool) -> None:
    """Several changes are one delivery of the current version, and all their notifications are acknowledged."""
    fhir, destination = await told_store(cloud, sendFullResource=is_full), Destination()
    async with fetching(settings_for(cloud), tmp_path / "data", destination):
        for active in (True, False, True):
            await fhir.put(patient("p", active=active))
        await until(lambda: bool(destination.messages) and not cloud.outstanding)
    _, current = await fhir.read("Patient/p")
    assert [current] == await destination.resources()
    facts = destination.messages[0].facts
    assert ("pubsub_fhir", "update", "Patient") == (facts["protocol"], facts["interaction"], facts["resource_type"])


async def test_next_version(cloud: Cloud, tmp_path: Path) -> None:
    """A later change is a delivery of its own, behind the one before."""
    fhir, destination = await told_store(cloud), Destination()
    async with fetching(settings_for(cloud), tmp_path / "data", destination):
        for count, active in enumerate((True, False), 1):
            await fhir.put(patient("p", active=active))
            await until(lambda count=count: len(destination.messages) == count and not cloud.outstanding)  # type: ignore[misc]
    assert [True, False] == [each["active"] for each in await destination.resources()]


async def test_doubled_and_late(cloud: Cloud, tmp_path: Path) -> None:
    """A notification that comes twice, the second time after the delivery, is one delivery."""
    fhir, destination = await told_store(cloud), Destination()
    async with fetching(settings_for(cloud, settle_seconds=0), tmp_path / "data", destination):
        await fhir.put(patient("p"))
        await until(lambda: bool(destination.messages) and not cloud.outstanding)
        name = f"{DATASET.removeprefix('v1/')}/fhirStores/f/fhir/Patient/p"
        cloud.sandbox.broker.publish(TOPIC, name.encode(), {})
        await until(lambda: not cloud.outstanding)
    assert 1 == len(destination.messages)


async def test_deleted(cloud: Cloud, tmp_path: Path) -> None:
    """A deletion is not passed on; its notification is acknowledged when the store has said often enough that it is."""
    fhir, destination = await told_store(cloud, sendPreviousResourceOnDelete=True), Destination()
    await fhir.put(patient("p"))
    await fhir.send("DELETE", "Patient/p")
    with capture_logs() as logs:
        async with fetching(settings_for(cloud), tmp_path / "data", destination):
            await until(lambda: not cloud.outstanding)
    assert ([], True) == (destination.messages, any(each["event"] == "source_message_gone" for each in logs))


async def test_refused(cloud: Cloud, tmp_path: Path) -> None:
    """A refused resource is tried again; the log has nothing of it, and no ID that a client has chosen."""
    fhir, destination = await told_store(cloud), Destination(Refused("no"))
    with capture_logs() as logs:
        async with fetching(settings_for(cloud, acknowledge="relay"), tmp_path / "data", destination):
            await fhir.put(patient("mrn-7", name=[{"family": "DOE"}]))
            await until(lambda: len(destination.messages) >= 2)
            assert 1 == cloud.outstanding
    held = [each for each in logs if each["event"] == "source_message_held"]
    assert {"Patient"} == {each["source_name"] for each in held}
    assert ("mrn-7" in str(logs), "DOE" in str(logs)) == (False, False)


async def test_own(cloud: Cloud, tmp_path: Path) -> None:
    """A resource with the tag of what Hilum writes is not delivered."""
    fhir, destination = await told_store(cloud), Destination()
    tag = {"system": "urn:hilum", "code": "gateway"}
    async with fetching(settings_for(cloud, own_tag="urn:hilum|gateway"), tmp_path / "data", destination):
        await fhir.put(patient("p", meta={"tag": [tag]}))
        await fhir.put(patient("q"))
        await until(lambda: bool(destination.messages) and not cloud.outstanding)
        await asyncio.sleep(0)
    assert ["q"] == [each["id"] for each in await destination.resources()]
