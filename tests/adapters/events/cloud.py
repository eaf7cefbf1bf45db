"""A sandbox with an HL7v2 store that tells a subscription of its messages, and a listener that fetches them."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from aiohttp import ClientSession

from adapters.events.listener import PubsubListener
from adapters.events.settings import PubsubDicomSettings, PubsubFhirSettings, PubsubSettings
from gateway.contract.kind import Tools
from gateway.contract.message import Message
from gateway.contract.outcome import Outcome, Stored
from gateway.kinds import KINDS
from gateway.sandbox.server import DATASET, Sandbox
from gateway.telemetry.metrics import Metrics
from gateway.tls.opening import store_contexts
from tests.gateway.sandbox.fhir.fhir_client import Fhir

TOPIC, SUBSCRIPTION = "projects/p/topics/results", "projects/p/subscriptions/hilum"
MESSAGE = b"MSH|^~\\&|LAB|CLOUD|EHR|WARD|20240102||ORU^R01^ORU_R01|%s|P|2.5\rPID|1||7^^^^MR||DOE^JANE\r"


@dataclass
class Cloud:
    """The sandbox, as a program that writes into its store sees it."""

    sandbox: Sandbox
    client: ClientSession

    async def subscribe(self, store: str = "hl7V2Stores/s", **settings: Any) -> None:
        """Make the topic, the subscription, and have a store tell it."""
        url = f"{self.sandbox.url}/v1/"
        await self._ask("PUT", url + TOPIC, {})
        await self._ask("PUT", url + SUBSCRIPTION, {"topic": TOPIC, **settings})
        configs = {"notificationConfigs": [{"pubsubTopic": TOPIC}]}
        await self._ask("PATCH", f"{self.sandbox.url}/{DATASET}/{store}?updateMask=notificationConfigs", configs)

    async def add_subscription(self, name: str) -> None:
        """Make another subscription to the topic."""
        await self._ask("PUT", f"{self.sandbox.url}/v1/{name}", {"topic": TOPIC})

    async def create(self, control_id: str, **labels: str) -> str:
        """Create a message in the store and return its name."""
        return await self.create_data(MESSAGE % control_id.encode(), **labels)

    async def create_data(self, data: bytes, **labels: str) -> str:
        """Create a message in the store and return its name."""
        body = {"message": {"data": base64.b64encode(data).decode(), "labels": labels}}
        created = await self._ask("POST", f"{self.sandbox.hl7v2_store_url()}/messages", body)
        return str(created["name"])

    async def delete(self, name: str) -> None:
        """Delete a message."""
        await self._ask("DELETE", f"{self.sandbox.url}/v1/{name}", None)

    async def control_ids(self, store: str) -> list[str]:
        """Return the control IDs of the messages in a store."""
        page = await self._ask("GET", f"{self.sandbox.hl7v2_store_url(store)}/messages?view=RAW_ONLY", None)
        return [base64.b64decode(each["data"]).split(b"|")[9].decode() for each in page.get("hl7V2Messages", [])]

    async def _ask(self, method: str, url: str, body: object) -> dict[str, Any]:
        async with self.client.request(method, url, json=body) as response:
            reply: dict[str, Any] = await response.json()
            assert response.status == 200, reply
        return reply

    @property
    def outstanding(self) -> int:
        """How many notifications are not acknowledged."""
        return len(self.sandbox.broker.subscriptions[SUBSCRIPTION].entries)


async def told_fhir_store(cloud: Cloud, **config: bool) -> Fhir:
    """Make the FHIR store ``f``, which tells the topic of its changes."""
    await cloud.subscribe("hl7V2Stores/unused")
    body = {"version": "R4", "enableUpdateCreate": True, "notificationConfigs": [{"pubsubTopic": TOPIC, **config}]}
    url = f"{cloud.sandbox.url}/{DATASET}/fhirStores?fhirStoreId=f"
    async with cloud.client.post(url, json=body) as response:
        assert response.status == 200
    return Fhir(cloud.sandbox, cloud.client)


@asynccontextmanager
async def running_cloud(folder: Path) -> AsyncIterator[Cloud]:
    """Run a sandbox with its data in *folder*."""
    async with Sandbox(folder) as sandbox, ClientSession() as client:
        yield Cloud(sandbox, client)


def settings_for(sandbox_url: str, store: str, **others: Any) -> PubsubSettings:
    """Return settings of a listener, impatient ones by default."""
    given = {"settle_seconds": 0.2, "reconcile_seconds": 60, "start": "oldest", **others}
    return PubsubSettings(kind="pubsub", subscription=SUBSCRIPTION, store=store, pubsub_url=sandbox_url, **given)


class Delivering(Protocol):
    """A destination."""

    async def deliver(self, message: Message) -> Outcome:
        """Take a message."""


@dataclass
class Destination:
    """Takes messages, as it is told to."""

    answer: Callable[[str], Outcome] = lambda _: Stored()
    taken: list[str] = field(default_factory=list)
    """Control IDs, or SOP Instance UIDs, of what was stored."""
    messages: list[Message] = field(default_factory=list)

    async def deliver(self, message: Message) -> Outcome:
        """Take a message."""
        (identifier,) = message.identifiers.values()
        outcome = self.answer(identifier)
        self.messages.append(message)
        if isinstance(outcome, Stored):
            self.taken.append(identifier)
        return outcome


@asynccontextmanager
async def fetching(
    settings: PubsubSettings | PubsubDicomSettings | PubsubFhirSettings,
    data_dir: Path,
    destination: Delivering,
    metrics: Metrics | None = None,
) -> AsyncIterator[PubsubListener]:
    """Run a listener; at the end it stops as at the end of the gateway."""
    metrics = metrics or Metrics()
    tools = Tools(lambda place, tls: store_contexts(place, tls, None), KINDS.credentials, data_dir=data_dir)
    meters = metrics.listener("from-cloud"), metrics.sources.of("from-cloud")
    fetch = KINDS.listeners[settings.kind].fetch
    assert fetch is not None
    listener = cast("PubsubListener", await fetch("from-cloud", settings, destination.deliver, *meters, tools))
    try:
        yield listener
    finally:
        listener.stop_accepting()
        async with asyncio.timeout(30):
            await asyncio.wait(listener.tasks)
