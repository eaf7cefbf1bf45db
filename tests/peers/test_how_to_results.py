"""docs/how-to/results-back-to-the-ehr.md, done as it is written, with the sandbox in the place of Google."""

import asyncio
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.config.loading import parse
from gateway.sandbox.hospital import Hospital
from gateway.telemetry.metrics import Metrics
from tests.adapters.events.cloud import running_cloud
from tests.processes import serving
from tests.waiting import until

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "results-back-to-the-ehr.md"


def block(language: str) -> str:
    """Return the only block of code in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found)


async def run_shell(script: str, environment: Mapping[str, str]) -> None:
    """Run the commands of the page."""
    shell = await asyncio.create_subprocess_exec("sh", "-euc", script, env={**os.environ, **environment})
    assert 0 == await shell.wait()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands set the store up, the configuration is right, and results arrive in order with their answers."""
    async with running_cloud(tmp_path / "cloud") as cloud, Hospital() as hospital:
        environment = {
            "STORE": cloud.sandbox.hl7v2_store_url(),
            "PUBSUB": cloud.sandbox.url,
            "PROJECT": "p",
            "TOKEN": "token",
            "EHR_HOST": "127.0.0.1",
            "EHR_PORT": str(hospital.port),
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        await run_shell(block("sh"), environment)
        text = block("yaml").replace("/var/lib/hilum", str(tmp_path / "data")) + "admin: {port: 0}\n"
        assert ["from-cloud"] == list(parse(text).listeners)
        async with serving(tmp_path, text) as (process, _):
            await process.logged("source_opened")
            for number in range(5):
                await cloud.create(f"{number}")
            await cloud.create("own", hilum="gateway")
            await until(lambda: len(hospital.taken) == 5)
            await until(lambda: not cloud.outstanding)
    assert {f"{number}": "AA" for number in range(5)} == hospital.taken


def test_metrics() -> None:
    """Each metric of the page exists."""
    names = {each.name for each in Metrics().families}
    assert set(re.findall(r"`(hilum_[a-z_]+)`", PAGE.read_text())) <= names
