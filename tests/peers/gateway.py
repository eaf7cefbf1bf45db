"""Hilum as it runs at a site, for a peer to send to: a gateway process, and the sandbox in another one behind it."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.ports import free_port
from tests.processes import HilumProcess, hilum, serving

MODES = ("relay", "commit")
DATASET = "v1/projects/p/locations/l/datasets/d"


@dataclass(frozen=True, slots=True)
class Site:
    """A running gateway that answers in both modes, and its stores."""

    gateway: HilumProcess
    ports: Mapping[str, int]
    """``hl7-relay``, ``hl7-commit``, ``dicom-relay`` and ``dicom-commit`` to ports."""
    stores: str
    client: ClientSession

    async def instances(self) -> set[str]:
        """Return the SOP Instance UIDs in the DICOM store."""
        async with self.client.get(f"{self.stores}/dicomStores/s/dicomWeb/instances") as reply:
            found: Any = await reply.json() if reply.status == 200 else []
        return {each["00080018"]["Value"][0] for each in found}

    async def control_ids(self) -> set[str]:
        """Return MSH-10 of each message in the HL7v2 store."""
        async with self.client.get(f"{self.stores}/hl7V2Stores/s/messages", params={"view": "FULL"}) as reply:
            found = (await reply.json()).get("hl7V2Messages", [])
        return {base64.b64decode(each["data"]).split(b"|")[9].decode() for each in found}

    def answers(self, event: str, key: str) -> list[str]:
        """Return *key* of each *event* that the gateway has logged so far."""
        return [str(each[key]) for each in self.gateway.events if each["event"] == event]


@asynccontextmanager
async def running_site(folder: Path) -> AsyncIterator[Site]:
    """Run a gateway and its stores, with their data below *folder*."""
    port = free_port()
    stores = f"http://127.0.0.1:{port}/{DATASET}"
    async with hilum("sandbox", "--port", str(port), "--data", folder / "sandbox") as sandbox:
        await sandbox.logged("sandbox_started")
        async with serving(folder, _configuration(folder, stores)) as (gateway, ports), ClientSession() as client:
            yield Site(gateway, ports, stores, client)


async def until_stored(expected: set[str], stored: Callable[[], Awaitable[set[str]]]) -> None:
    """Wait until *expected* is in the store; in commit mode that may be after the answer."""
    async with asyncio.timeout(60):
        while not expected <= await stored():
            await asyncio.sleep(0.05)


def _configuration(folder: Path, stores: str) -> str:
    listeners, routes = [], []
    for mode in MODES:
        for protocol, kind, destination in (("hl7", "mllp", "messages"), ("dicom", "dimse", "instances")):
            listeners.append(f"{protocol}-{mode}: {{kind: {kind}, port: 0, acknowledge: {mode}}}")
            routes.append(f"{{from: {protocol}-{mode}, to: {destination}}}")
    return f"""
listeners: {{{", ".join(listeners)}}}
destinations:
  messages: {{kind: hl7v2_store, url: "{stores}/hl7V2Stores/s"}}
  instances: {{kind: dicomweb, url: "{stores}/dicomStores/s/dicomWeb"}}
routes: [{", ".join(routes)}]
data_dir: "{folder / "data"}"
spool: {{min_free_bytes: 0}}
admin: {{port: 0}}
drain_seconds: 5
"""
