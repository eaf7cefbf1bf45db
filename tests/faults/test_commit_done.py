"""The whole promise at once, with the sandbox's stores: an outage, a kill in the middle of it, everything arrives."""

import asyncio
import base64
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from gateway.spool import State
from tests.dicom_files import data_set
from tests.faults.commit_mode import states
from tests.faults.peers import Modality, Sender
from tests.ports import free_port
from tests.processes import serving

pytestmark = pytest.mark.slow

SENDERS, MESSAGES = 20, 5_000
MODALITIES, INSTANCES = 4, 500


def configuration(folder: Path, sandbox: Sandbox) -> str:
    """Return a gateway that commits what both kinds of peers send."""
    return f"""
listeners:
  adt: {{kind: mllp, port: 0, acknowledge: commit}}
  ct: {{kind: dimse, port: 0, acknowledge: commit}}
destinations:
  messages: {{kind: hl7v2_store, url: "{sandbox.hl7v2_store_url()}"}}
  images: {{kind: dicomweb, url: "{sandbox.dicom_web_url()}", batch: {{instances: 20}}}}
routes: [{{from: adt, to: messages}}, {{from: ct, to: images}}]
admin: {{port: 0}}
data_dir: {folder / "data"}
spool: {{min_free_bytes: 0, inline_bytes: 4096}}
"""


async def send_all(ports: dict[str, int]) -> tuple[set[bytes], dict[str, bytes]]:
    """Send everything; return the messages, and the data sets by SOP Instance UID, all of them acknowledged."""
    up = asyncio.Event()
    up.set()
    senders = [Sender(number, ports["adt"], up) for number in range(SENDERS)]
    modalities = [Modality(number, ports["ct"], up) for number in range(MODALITIES)]
    async with asyncio.TaskGroup() as group:
        for sender in senders:
            group.create_task(sender.send_until(lambda sent: sent == MESSAGES // SENDERS))
        for modality in modalities:
            group.create_task(modality.send_until(lambda sent: sent == INSTANCES // MODALITIES))
    everyone: list[Sender | Modality] = [*senders, *modalities]
    for peer in everyone:
        peer.close()
    messages = {payload for sender in senders for payload in sender.sent}
    return messages, {uid: octets for modality in modalities for uid, octets in modality.sent.items()}


async def stored_messages(sandbox: Sandbox) -> list[bytes]:
    """Return every message in the HL7 store."""
    found: list[bytes] = []
    async with ClientSession() as client:
        token = ""
        while True:
            query = {"view": "FULL", "pageSize": "1000", "pageToken": token}
            async with client.get(f"{sandbox.hl7v2_store_url()}/messages", params=query) as reply:
                page = await reply.json()
            found += [base64.b64decode(each["data"]) for each in page["hl7V2Messages"]]
            if not (token := page.get("nextPageToken", "")):
                return found


async def test_after_a_restart_delivery_goes_on_by_itself(tmp_path: Path) -> None:
    """5,000 messages and 500 instances acknowledged; killed, started, and the store back: it has them all."""
    sandbox = Sandbox(tmp_path / "store", port=free_port())
    text = configuration(tmp_path, sandbox)
    async with serving(tmp_path, text) as (_, ports):
        messages, instances = await send_all(dict(ports))
    assert (MESSAGES, INSTANCES) == (len(messages), len(instances))
    async with sandbox, serving(tmp_path, text):
        async with asyncio.timeout(150):
            while State.WAITING in await states(tmp_path / "data"):
                await asyncio.sleep(0.5)
        stored = await stored_messages(sandbox)
    assert messages == set(stored)
    assert MESSAGES == len(stored)
    assert instances == {path.stem: data_set(path.read_bytes()) for path in (tmp_path / "store").rglob("*.dcm")}
