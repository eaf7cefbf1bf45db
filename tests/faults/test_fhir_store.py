"""The FHIR store of the sandbox, killed at any moment: of a transaction there is everything or nothing."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from tests.gateway.sandbox.fhir.fhir_client import entry, patient
from tests.ports import free_port
from tests.processes import hilum
from tests.seeds import SEED

pytestmark = pytest.mark.slow
SIZE, KILLS = 10, 6
PATH = "v1/projects/p/locations/l/datasets/d/fhirStores/f/fhir"


def bundle(name: str) -> dict[str, Any]:
    """Return a transaction of patients that refer to each other, all with the identifier *name*."""
    entries = [
        entry(
            "POST",
            "Patient",
            patient(
                identifier=[{"value": name}],
                link=[{"type": "seealso", "other": {"reference": f"urn:uuid:{(number + 1) % SIZE}"}}],
            ),
            f"urn:uuid:{number}",
        )
        for number in range(SIZE)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


async def send(session: ClientSession, url: str, names: list[str], acknowledged: set[str]) -> None:
    """Send transactions until the store is gone; note those that it has acknowledged."""
    try:
        while True:
            names.append(f"{len(names)}")
            name = names[-1]
            async with session.post(url, json=bundle(name)) as response:
                if response.status == 200:
                    acknowledged.add(name)
    except ClientError:
        return


@pytest.mark.parametrize("seed", [SEED])
async def test_killed(tmp_path: Path, seed: int) -> None:
    """What was acknowledged is whole, and what was not is whole or not there."""
    chance, names, acknowledged = random.Random(seed), list[str](), set[str]()
    port = free_port()
    arguments = ("sandbox", "--port", str(port), "--data", tmp_path)
    url = f"http://127.0.0.1:{port}/{PATH}"
    async with ClientSession() as session:
        for _ in range(KILLS):
            async with hilum(*arguments) as process:
                await process.logged("sandbox_started")
                sending = [asyncio.create_task(send(session, url, names, acknowledged)) for _ in range(2)]
                known = len(acknowledged)
                while len(acknowledged) < known + chance.randrange(5, 40):
                    await asyncio.sleep(0.001)
                process.process.kill()
                await asyncio.gather(*sending)
        async with hilum(*arguments) as process:
            await process.logged("sandbox_started")
            for name in names:
                async with session.get(f"{url}/Patient?identifier={name}") as response:
                    total = (await response.json(content_type=None))["total"]
                assert total in ({SIZE} if name in acknowledged else {0, SIZE}), name
    assert len(acknowledged) > KILLS
