"""A gateway that writes into the store from which it reads."""

from pathlib import Path

import pytest

from tests.adapters.events.cloud import MESSAGE, SUBSCRIPTION, Cloud, told_fhir_store
from tests.adapters.rest.fhir.stories import ADMIT
from tests.gateway.sandbox.fhir.fhir_client import patient
from tests.mllp_client import mllp_client
from tests.running import running_gateway
from tests.waiting import until

LABELS = {"by its label": "{hilum: gateway}", "by the ledger of names": "{}"}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
async def test_own_messages_do_not_come_back(cloud: Cloud, tmp_path: Path, labels: str) -> None:
    """What Hilum has ingested is known when it comes back; what a program has created is delivered."""
    await cloud.subscribe()
    store = cloud.sandbox.hl7v2_store_url()
    text = f"""
listeners:
  adt: {{kind: mllp, port: 0}}
  from-cloud: {{kind: pubsub, subscription: {SUBSCRIPTION}, store: "{store}", pubsub_url: "{cloud.sandbox.url}",
    acknowledge: relay, start: oldest, settle_seconds: 0.5}}
destinations:
  store: {{kind: hl7v2_store, url: "{store}", labels: {labels}}}
  other: {{kind: hl7v2_store, url: "{cloud.sandbox.hl7v2_store_url("other")}"}}
routes:
  - {{from: adt, to: store}}
  - {{from: from-cloud, to: other}}
admin: {{port: 0}}
data_dir: "{tmp_path / "data"}"
drain_seconds: 5
"""
    async with running_gateway(text) as gateway:
        async with mllp_client(gateway.ports["adt"]) as client:
            client.writer.write(b"\x0b" + MESSAGE % b"own" + b"\x1c\r")
            assert b"MSA|AA|own" in await client.reader.readuntil(b"\x1c\r")
        await cloud.create("theirs")
        await until(lambda: not cloud.outstanding)
    assert ["theirs"] == await cloud.control_ids("other")


async def test_own_resources_do_not_come_back(cloud: Cloud, tmp_path: Path) -> None:
    """What Hilum has written into a FHIR store is not fetched from there; what others write is."""
    fhir = await told_fhir_store(cloud)
    store = fhir.url.removesuffix("/fhir")
    text = f"""
listeners:
  adt: {{kind: mllp, port: 0}}
  from-cloud: {{kind: pubsub_fhir, subscription: {SUBSCRIPTION}, store: "{store}", pubsub_url: "{cloud.sandbox.url}",
    acknowledge: relay, settle_seconds: 2}}
steps:
  fhir: {{kind: hl7v2_to_fhir}}
destinations:
  store: {{kind: fhir_store, url: "{store}/fhir"}}
  other: {{kind: fhir_store, url: "{cloud.sandbox.fhir_url("other")}"}}
routes:
  - {{from: adt, via: [fhir], to: store}}
  - {{from: from-cloud, to: other}}
admin: {{port: 0}}
data_dir: "{tmp_path / "data"}"
drain_seconds: 5
"""
    async with running_gateway(text) as running:
        async with mllp_client(running.ports["adt"]) as client:
            client.writer.write(b"\x0b" + ADMIT + b"\x1c\r")
            assert b"MSA|AA|" in await client.reader.readuntil(b"\x1c\r")
        await fhir.put(patient("theirs"))
        await until(lambda: not cloud.outstanding)
    async with cloud.client.get(f"{cloud.sandbox.fhir_url('other')}/Patient") as response:
        found = await response.json()
    assert ["theirs"] == [each["resource"]["id"] for each in found["entry"]]
