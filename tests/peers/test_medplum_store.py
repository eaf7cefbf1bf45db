"""Medplum's router, a FHIR server that somebody else wrote, takes the bundles of the corpus.

It compares each resource that it has with each condition, so that a bundle of a hundred entries takes it half a minute.
By default it gets one bundle of each shape up to MOST entries; HILUM_CORPUS=all gives it all of them.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from adapters.rest.fhir.settings import FhirStoreSettings
from adapters.rest.fhir.store import FhirStore
from gateway.contract.body import WholeBody
from gateway.contract.message import Message
from gateway.contract.outcome import Stored
from gateway.sandbox.server import Sandbox
from tests.adapters.rest.fhir.delivering import converted, deliver
from tests.adapters.rest.fhir.stories import TOGETHER, contents
from tests.adapters.rest.fhir.test_stories import deliver_with_kills
from tests.corpus.test_fhir_store_corpus import FOLDERS, bundles, one_moment
from tests.corpus.test_hl7_corpus import FILES, name
from tests.peers.programs import ROOT

MEDPLUM = ROOT / "build" / "medplum"
pytestmark = [
    pytest.mark.skipif(
        shutil.which("node") is None or not (MEDPLUM / "node_modules").exists(),
        reason="Node.js or Medplum's router is not installed: make medplum",
    ),
    pytest.mark.skipif(not FILES, reason="the corpus is not beside the repository"),
    pytest.mark.slow,
]
__all__ = ["one_moment"]  # a fixture
MOST = 20
ALL = os.environ.get("HILUM_CORPUS") == "all"


@pytest.fixture
def medplum() -> Iterator[str]:
    """Run Medplum's router; yield its address."""
    command = ["node", str(ROOT / "tests/peers/medplum/router.js"), str(MEDPLUM)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


@pytest.mark.timeout(3600 if ALL else 600)
@pytest.mark.usefixtures("one_moment")
@pytest.mark.parametrize("folder", FOLDERS)
async def test_corpus(folder: str, medplum: str) -> None:
    """Each bundle is stored, and sent again it changes its Provenance only."""
    counted: list[str] = []
    refused: list[str] = []
    settings = FhirStoreSettings(kind="fhir_store", url=medplum, profile="medplum", read_seconds=300, total_seconds=300)
    async with FhirStore("medplum", settings, count=counted.append) as store, ClientSession() as client:
        for path, made in bundles(folder, None if ALL else MOST):
            async with client.post(f"{medplum}/$reset") as response:
                assert response.status == 200
            message = Message("1", WholeBody(made.encoded()), {}, {})
            gone = {"missed"} if "S17" in path.name else set[str]()  # it deletes an appointment that is not there
            for expected in ({"created", "updated"} | gone, {"unchanged", "updated"} | gone):
                counted.clear()
                outcome = await store.deliver(message)
                if not isinstance(outcome, Stored):
                    refused.append(f"{name(path)}: {outcome.reason}")
                    break
                assert set(counted) <= expected, name(path)
                assert counted.count("updated") <= 1, name(path)
    assert [] == refused


async def test_killed(medplum: str, tmp_path: Path) -> None:
    """Killed in commit mode and started again, the gateway leaves the same resources as in the sandbox's store."""
    async with Sandbox(tmp_path / "sandbox") as sandbox, ClientSession() as client:
        await deliver_with_kills(medplum, tmp_path, client)
        await deliver(sandbox.fhir_url(), map(converted, TOGETHER))
        assert await contents(sandbox.fhir_url(), client) == await contents(medplum, client)
