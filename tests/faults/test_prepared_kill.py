"""`hilum send fhir` is killed with -9 again and again: nothing is lost, and only what was in flight is sent again."""

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from tests.processes import hilum
from tests.seeds import SEED

KILLS = int(os.environ.get("HILUM_KILLS", "5"))
PATIENTS, EACH, CONCURRENCY = 20, 30, 4

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 20 * KILLS)]


@dataclass(slots=True)
class Store:
    """A FHIR store that takes its time."""

    taken: list[str] = field(default_factory=list)
    """The IDs of resources, in the order in which they were stored."""
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int = 0

    async def put(self, request: web.Request) -> web.Response:
        """Store a resource."""
        await request.read()
        await asyncio.sleep(0.005)
        self.taken.append(request.match_info["id"])
        if len(self.taken) >= self.wanted:
            self.enough.set()
        await asyncio.sleep(0.005)  # it is stored, and its sender does not know yet
        return web.json_response({}, status=200)

    async def until(self, wanted: int) -> None:
        """Wait until so many were stored."""
        self.wanted = wanted
        self.enough.clear()
        if len(self.taken) < wanted:
            await self.enough.wait()


@asynccontextmanager
async def store() -> AsyncIterator[tuple[Store, str]]:
    """Run a store; yield it with its base."""
    made = Store()
    application = web.Application()
    application.add_routes([web.put("/fhir/Observation/{id}", made.put)])
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield made, f"http://127.0.0.1:{runner.addresses[0][1]}/fhir"
    finally:
        await runner.cleanup()


def write(folder: Path, url: str) -> tuple[Path, Path]:
    """Write configuration and file; return their paths."""
    config, path = folder / "hilum.yaml", folder / "Observation.ndjson"
    config.write_text(
        f"listeners: {{in: {{kind: http, accepts: fhir, port: 0}}}}\n"
        f'destinations: {{records: {{kind: fhir_store, url: "{url}"}}}}\n'
        f"routes: [{{from: in, to: records}}]\ndata_dir: {folder}/data\n"
    )
    chance = random.Random(SEED)
    names = [f"{patient}-{number}" for number in range(EACH) for patient in chance.sample(range(PATIENTS), PATIENTS)]
    subjects = [{"reference": f"Patient/{each.split('-')[0]}"} for each in names]
    lines = [
        json.dumps({"resourceType": "Observation", "id": name, "subject": subject})
        for name, subject in zip(names, subjects, strict=True)
    ]
    path.write_text("\n".join(lines))
    return config, path


async def test_killed(tmp_path: Path) -> None:
    """Every record is stored, those of a patient in their order, and few are stored twice."""
    chance, total = random.Random(SEED), PATIENTS * EACH
    async with store() as (kept, url):
        config, path = write(tmp_path, url)
        command = ("send", "fhir", config, "records", path, "--concurrency", str(CONCURRENCY))
        for _ in range(KILLS):
            async with hilum(*command) as process:
                await kept.until(len(kept.taken) + chance.randint(1, total // (KILLS + 1)))
                await asyncio.sleep(chance.uniform(0, 0.02))
                process.process.kill()
                await process.ended()
        async with hilum(*command) as process:
            assert 0 == await process.ended()
        counts = Counter(kept.taken)
        assert total == len(counts)
        assert sum(counts.values()) - total <= KILLS * CONCURRENCY
        first = list(dict.fromkeys(kept.taken))
        for patient in range(PATIENTS):
            ours = [int(each.split("-")[1]) for each in first if each.split("-")[0] == str(patient)]
            assert list(range(EACH)) == ours
