"""Resources of the sandbox's FHIR store, fetched by notifications."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.events.settings import PubsubFhirSettings
from adapters.rest.fhir.settings import FhirStoreSettings
from adapters.rest.fhir.store import FhirStore
from adapters.rest.ingested import IngestedNames
from gateway.contract.body import WholeBody
from gateway.contract.fhir import Interaction
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Refused, Stored
from gateway.sandbox.server import DATASET
from tests.adapters.events.cloud import SUBSCRIPTION, TOPIC, Cloud, fetching, told_fhir_store
from tests.adapters.rest.fhir.delivering import converted
from tests.adapters.rest.fhir.stories import ADMIT
from tests.gateway.sandbox.fhir.fhir_client import patient
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


@pytest.mark.parametrize("is_full", [False, True], ids=["name", "resource"])
async def test_current_version(cloud: Cloud, tmp_path: Path, is_full: bool) -> None:
    """Several changes are one delivery of the current version, and all their notifications are acknowledged."""
    fhir, destination = await told_fhir_store(cloud, sendFullResource=is_full), Destination()
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
    fhir, destination = await told_fhir_store(cloud), Destination()
    async with fetching(settings_for(cloud), tmp_path / "data", destination):
        for count, active in enumerate((True, False), 1):
            await fhir.put(patient("p", active=active))
            await until(lambda count=count: len(destination.messages) == count and not cloud.outstanding)  # type: ignore[misc]
    assert [True, False] == [each["active"] for each in await destination.resources()]


async def test_doubled_and_late(cloud: Cloud, tmp_path: Path) -> None:
    """A notification that comes twice, the second time after the delivery, is one delivery."""
    fhir, destination = await told_fhir_store(cloud), Destination()
    async with fetching(settings_for(cloud, settle_seconds=0), tmp_path / "data", destination):
        await fhir.put(patient("p"))
        await until(lambda: bool(destination.messages) and not cloud.outstanding)
        name = f"{DATASET.removeprefix('v1/')}/fhirStores/f/fhir/Patient/p"
        cloud.sandbox.broker.publish(TOPIC, name.encode(), {})
        await until(lambda: not cloud.outstanding)
    assert 1 == len(destination.messages)


@pytest.mark.slow
async def test_deleted(cloud: Cloud, tmp_path: Path) -> None:
    """A deletion is not passed on; its notification is acknowledged when the store has said often enough that it is."""
    fhir, destination = await told_fhir_store(cloud, sendPreviousResourceOnDelete=True), Destination()
    await fhir.put(patient("p"))
    await fhir.send("DELETE", "Patient/p")
    with capture_logs() as logs:
        async with fetching(settings_for(cloud), tmp_path / "data", destination):
            await until(lambda: not cloud.outstanding)
    assert ([], True) == (destination.messages, any(each["event"] == "source_message_gone" for each in logs))


async def test_refused(cloud: Cloud, tmp_path: Path) -> None:
    """A refused resource is tried again; the log has nothing of it, and no ID that a client has chosen."""
    fhir, destination = await told_fhir_store(cloud), Destination(Refused("no"))
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
    fhir, destination = await told_fhir_store(cloud), Destination()
    tag = {"system": "urn:hilum", "code": "gateway"}
    async with fetching(settings_for(cloud, own_tag="urn:hilum|gateway"), tmp_path / "data", destination):
        await fhir.put(patient("p", meta={"tag": [tag]}))
        await fhir.put(patient("q"))
        await until(lambda: bool(destination.messages) and not cloud.outstanding)
        await asyncio.sleep(0)
    assert ["q"] == [each["id"] for each in await destination.resources()]


async def write(cloud: Cloud, data_dir: Path, *messages: Message) -> None:
    """Write messages as a destination of the same gateway does; then what it has written is remembered."""
    settings = FhirStoreSettings(kind="fhir_store", url=settings_for(cloud).reads)
    async with FhirStore("records", settings, ingested=IngestedNames(data_dir, settings.url)) as store:
        assert [Stored()] * len(messages) == [await store.deliver(each) for each in messages]


def written(body: object, interaction: Interaction | None = None) -> Message:
    """Return a message for a FHIR store."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Message("1", WholeBody(data), {}, {}, interaction=interaction)


WARD = {"resourceType": "Organization", "name": "Ward"}
CREATE = {"resource": WARD, "request": {"method": "POST", "url": "Organization"}}
TRANSACTION = {"resourceType": "Bundle", "type": "transaction", "entry": [CREATE]}
OWN = {
    "what a step has made": written(converted(ADMIT)),
    "a resource": written({**WARD, "id": "w"}),
    "a transaction": written(TRANSACTION),
    "what an application has created": written(WARD, Interaction("POST", "Organization")),
    "the transaction of an application": written(TRANSACTION, Interaction("POST", "")),
}


@pytest.mark.parametrize("message", OWN.values(), ids=OWN)
async def test_written_by_hilum(cloud: Cloud, tmp_path: Path, message: Message) -> None:
    """What a destination of the gateway has written into the store is not delivered; what others write is."""
    fhir, destination = await told_fhir_store(cloud), Destination()
    await write(cloud, tmp_path / "data", message)
    await fhir.put(patient("theirs"))
    async with fetching(settings_for(cloud), tmp_path / "data", destination):
        await until(lambda: not cloud.outstanding)
    assert ["theirs"] == [each["id"] for each in await destination.resources()]


async def test_own_are_delivered(cloud: Cloud, tmp_path: Path) -> None:
    """With deliver_own what Hilum has written is delivered."""
    await told_fhir_store(cloud)
    destination = Destination()
    await write(cloud, tmp_path / "data", OWN["a resource"])
    async with fetching(settings_for(cloud, deliver_own=True), tmp_path / "data", destination):
        await until(lambda: not cloud.outstanding)
    assert ["w"] == [each["id"] for each in await destination.resources()]


async def test_changed_by_others_between(cloud: Cloud, tmp_path: Path) -> None:
    """A change by others is delivered, although Hilum has written the version after it."""
    fhir, destination = await told_fhir_store(cloud), Destination()
    await fhir.put({**WARD, "id": "w", "active": False})
    await write(cloud, tmp_path / "data", written({**WARD, "id": "w", "active": True}))
    async with fetching(settings_for(cloud), tmp_path / "data", destination):
        await until(lambda: not cloud.outstanding)
    assert [True] == [each["active"] for each in await destination.resources()]
