"""A gateway process among hostile peers, with a store behind it, and what the kernel and its metrics say of it."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench.processes import Usage
from tests.hostile.http_attacks import MAX_BODY
from tests.ports import free_port
from tests.processes import HilumProcess, hilum

MIB = 1 << 20
MOST_MEMORY = 400 * MIB
"""Of the gateway, whatever its peers do: it starts with some 70 MiB."""
IDLE_CPU = 0.2
"""Of one processor, when nobody is connected."""
LIMITS: Mapping[str, object] = {
    "max_connections": 1000,
    "max_connections_per_peer": 150,
    "message_seconds": 5,
    "write_seconds": 5,
    "idle_seconds": 5,
}
HTTP_LIMITS: Mapping[str, object] = {"max_body": MAX_BODY, "head_seconds": 3}
VICTIM_SECONDS = 4
"""Within this whoever sends to a hostile store is to have an answer."""
LATE_SECONDS = 2
"""A well-behaved peer that could not send for so long, on a busy machine, begins a new connection: after 5 seconds
without a message Hilum ends the old one."""
ARTIM_SECONDS = 30
"""The usual one. A well-behaved peer needs this long to ask for its association when the machine is busy."""
CONNECTIONS = re.compile(r"^hilum_connections\{.*\} (\S+)$", re.MULTILINE)
INTERNAL_ERRORS = re.compile(r'^hilum_rejections_total\{.*reason="internal_error"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the listeners are."""

    hl7: int
    dicom: int
    fhir: int


@dataclass(slots=True)
class Ward:
    """The gateway, and what can be seen of it."""

    process: HilumProcess
    ports: Ports
    admin: int
    descriptors: int
    """Open at the start, with nobody connected."""
    listeners: Mapping[str, int]
    """Ports of all listeners by their names."""

    @property
    def usage(self) -> Usage:
        """What the kernel knows of the process."""
        return Usage(self.process.process.pid)

    def open_descriptors(self) -> int:
        """Return how many file descriptors are open."""
        return len(list(Path(f"/proc/{self.process.process.pid}/fd").iterdir()))

    async def metrics(self) -> str:
        """Return what /metrics says."""
        url = f"http://127.0.0.1:{self.admin}/metrics"
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return await response.text()

    async def connections(self) -> float:
        """Return how many peers the gateway counts as connected."""
        return sum(map(float, CONNECTIONS.findall(await self.metrics())))

    async def at_rest(self) -> None:
        """Wait until every peer is gone, its descriptors are given back and no timer or socket keeps the loop busy."""
        async with asyncio.timeout(60):
            while await self.connections() or self.open_descriptors() > self.descriptors + KEPT:
                await asyncio.sleep(0.05)
            while await self._busy(0.25) > IDLE_CPU:
                await asyncio.sleep(0.05)

    async def _busy(self, seconds: float) -> float:
        """Return which part of one processor the gateway takes."""
        before = self.usage.cpu_seconds()
        await asyncio.sleep(seconds)
        return (self.usage.cpu_seconds() - before) / seconds

    async def internal_errors(self) -> float:
        """Return how often a fault of our own was met."""
        return sum(map(float, INTERNAL_ERRORS.findall(await self.metrics())))


KEPT = 16
"""Connections to the stores and to the admin port that stay open for the next request."""


@asynccontextmanager
async def ward(
    folder: Path,
    *,
    artim_seconds: float = ARTIM_SECONDS,
    hostile_stores: Sequence[str] = (),
    add: Callable[[dict[str, Any]], None] = lambda _: None,
    module: str = "gateway",
    **settings: object,
) -> AsyncIterator[Ward]:
    """Run a gateway with short limits, so that a test reaches them; *settings* are of all listeners.

    With *hostile_stores*, addresses, there are more listeners, whose messages go there. *add* adds anything else to the
    configuration.
    """
    admin = free_port()  # the log that names a free one is turned off: its lines would be work for who measures
    async with _sink() as sink:
        configuration = _configuration(sink, admin, artim_seconds, {**LIMITS, **settings})
        configuration["data_dir"] = str(folder / "data")
        for number, url in enumerate(hostile_stores):
            add_victims(configuration, number, url)
        add(configuration)
        text = json.dumps(configuration)  # JSON is YAML
        path = folder / "hilum.yaml"
        path.write_text(text)
        async with hilum("serve", "--log-level", "error", path, module=module) as process:
            listeners = await _ready(admin)
            ports = Ports(listeners["hl7"], listeners["dicom"], listeners["fhir"])
            here = Ward(process, ports, admin, 0, listeners)
            await here.metrics()
            here.descriptors = here.open_descriptors()
            yield here


def _configuration(sink: int, admin: int, artim_seconds: float, settings: Mapping[str, object]) -> dict[str, Any]:
    url = f"http://127.0.0.1:{sink}"
    return {
        "listeners": {
            "hl7": {"kind": "mllp", "port": 0, "max_block": MIB, **settings},
            "dicom": {"kind": "dimse", "port": 0, "artim_seconds": artim_seconds, **settings},
            "fhir": {"kind": "http", "accepts": "fhir", "port": 0, **HTTP_LIMITS, **settings},
        },
        "destinations": {
            "messages": {"kind": "http", "accept_empty": True, "connections": 6, "url": f"{url}/"},
            "images": {"kind": "dicomweb", "connections": 6, "url": url},
            "resources": {"kind": "fhir_store", "connections": 6, "url": url},
        },
        "routes": [
            {"from": "hl7", "to": "messages"},
            {"from": "dicom", "to": "images"},
            {"from": "fhir", "to": "resources"},
        ],
        "admin": {"port": admin},
        "drain_seconds": 2,
    }


def add_victims(configuration: dict[str, Any], number: int, url: str) -> None:
    """Add a listener for each kind of store, whose messages get nothing but the hostile answer from *url*."""
    kinds = {"hl7v2_store": "mllp", "http": "mllp", "dicomweb": "dimse"}
    for store, listener in kinds.items():
        name = f"{store}-{number}"
        configuration["listeners"][name] = {"kind": listener, "port": 0, "max_connections": 10}
        configuration["destinations"][name] = {"kind": store, "url": url, "connections": 2, "total_seconds": 3}
        configuration["routes"].append({"from": name, "to": name, "within": VICTIM_SECONDS, "attempts": 1})


@asynccontextmanager
async def _sink() -> AsyncIterator[int]:
    """Run the store of the bench, which discards what it is sent; yield its port."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.sink", str(port))
    try:
        await _answering(port)
        yield port
    finally:
        process.kill()
        await process.wait()


async def _ready(admin: int) -> Mapping[str, int]:
    """Wait until the gateway is ready; return its listeners' ports."""
    await _answering(admin)
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            async with session.get(f"http://127.0.0.1:{admin}/readyz") as response:
                listeners = (await response.json())["listeners"]
                if response.status == 200:
                    return {name: each["port"] for name, each in listeners.items()}
            await asyncio.sleep(0.02)


async def _answering(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
