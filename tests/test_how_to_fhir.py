"""docs/how-to/hl7v2-to-fhir.md, done as it is written, with the sandbox in the place of Google."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.kinds import KINDS
from gateway.sandbox.server import Sandbox
from gateway.telemetry.metrics import Metrics
from tests.adapters.rest.fhir.stories import STORIES, contents
from tests.adapters.rest.fhir.test_stories import until
from tests.mllp_client import code_of, mllp_client
from tests.processes import serving

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "hl7v2-to-fhir.md"
TRY, PREPARE = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
(CONFIGURATION,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


async def run_shell(script: str, folder: Path, **environment: str) -> str:
    """Run the commands of the page; return what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    shell = await asyncio.create_subprocess_exec(
        *("sh", "-euc", script),
        cwd=folder,
        env={**os.environ, **environment, "PATH": path},
        stdout=asyncio.subprocess.PIPE,
    )
    said = (await shell.communicate())[0].decode()
    assert shell.returncode == 0
    return said


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands prepare the store, the configuration is right, and the messages of a stay become resources."""
    text = CONFIGURATION.replace("port: 2575", "port: 0").replace("10.1.0.0/16", "127.0.0.0/8")
    text = text.replace("/var/lib/hilum", str(tmp_path / "data")) + "admin: {port: 0}\n"
    async with Sandbox(tmp_path / "sandbox") as sandbox, ClientSession() as client:
        url = sandbox.fhir_url("records")
        stores = url.removesuffix("/records/fhir")
        monkeypatch.setenv("STORES", stores)
        await run_shell(PREPARE, tmp_path, STORES=stores, TOKEN="t")
        async with serving(tmp_path, text) as (_, ports), mllp_client(ports["his"]) as peer:
            for each in STORIES["discharge"]:
                assert "AA" == code_of(await peer.ask(each))

            async def is_discharged() -> bool:
                found = await contents(url, client)
                return any(each.get("status") == "finished" for each in found.values())

            await until(is_discharged)
        (tmp_path / "admit.hl7").write_bytes(STORIES["discharge"][0])
        assert '"resourceType": "Bundle"' in await run_shell(TRY, tmp_path, STORES=stores)


def test_metrics() -> None:
    """Each metric of the page exists."""
    names = {each.name for each in Metrics().families}
    names |= {f"{each.counter.name}_total" for each in KINDS.steps.values() if each.counter is not None}
    names |= {f"{each.counter.name}_total" for each in KINDS.destinations.values() if each.counter is not None}
    assert set(re.findall(r"`(hilum_[a-z_]+)`", PAGE.read_text())) <= names
