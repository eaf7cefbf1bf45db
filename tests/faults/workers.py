"""A gateway with several workers, and what is done to them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.processes import HilumProcess, serving


@dataclass(frozen=True, slots=True)
class Workers:
    """A running gateway and its admin port."""

    process: HilumProcess
    port: int
    url: str
    client: ClientSession

    @property
    def pids(self) -> list[int]:
        """The process IDs of the workers that were started, the oldest first."""
        return [each["pid"] for each in self.process.events if each["event"] == "worker_started"]

    async def get(self, path: str) -> tuple[int, Any]:
        """Return status and JSON of the supervisor's *path*."""
        async with self.client.get(f"{self.url}{path}") as reply:
            return reply.status, await reply.json()

    async def until_ready(self, status: int = 200) -> Mapping[str, Any]:
        """Wait until /readyz has *status*; return its body."""
        async with asyncio.timeout(90):
            while True:
                found, body = await self.get("/readyz")
                if found == status:
                    return dict(body)
                await asyncio.sleep(0.1)

    async def metric(self, sample: str) -> float:
        """Return the value of *sample*, a name with its labels."""
        async with self.client.get(f"{self.url}/metrics") as reply:
            lines = (await reply.text()).splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(f"{sample} ")), 0.0)


@asynccontextmanager
async def serving_workers(folder: Path, text: str) -> AsyncIterator[Workers]:
    """Run ``hilum serve``, which the YAML *text* tells how many workers to have."""
    async with serving(folder, text) as (process, ports), ClientSession() as client:
        async with asyncio.timeout(60):
            while not (found := [each for each in process.events if "workers" in each and "ports" in each]):
                await asyncio.sleep(0.02)
        yield Workers(process, ports["in"], f"http://127.0.0.1:{found[0]['admin_port']}", client)
