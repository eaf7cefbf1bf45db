"""docs/how-to/lab.md, done as it is written: Google's lab with gcloud, bq and curl against the sandbox.

Where they are not installed, ``test_recorded`` sends what was recorded from them. ``RECORD_LAB=1 pytest`` of this file
records it again.
"""

import asyncio
import importlib.util
import os
import re
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from gateway.cli.main import build_parser
from gateway.sandbox.database import Database
from gateway.sandbox.operations.running import Running
from gateway.sandbox.pubsub.push import Pusher
from gateway.sandbox.server import Sandbox
from gateway.sandbox.worker import Worker
from tests.peers.programs import ROOT
from tests.peers.recording import Recorder, healthcare, read, send

pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")
PAGE = (ROOT / "docs" / "how-to" / "lab.md").read_text()
(SCRIPT,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(START,) = re.findall(r"```console\n.*\n(hilum .*)\n```", PAGE)
STEPS = re.findall(r"```sh\n(.*?)```(?:\n\n```\n(.*?)```)?", PAGE, re.DOTALL)
RECORDING = ROOT / "tests" / "peers" / "google" / "lab_requests.jsonl"
BETWEEN = "\x1e"
PROGRAMS = all(map(shutil.which, ("gcloud", "bq", "curl")))
DRAWS = importlib.util.find_spec("numpy") is not None
"""Whether the step that makes JPEG images can be done."""


class Recording(Sandbox):
    """A sandbox that keeps what it is asked."""

    def __init__(self, data_dir: Path, buckets: dict[str, Path], strict: bool) -> None:
        super().__init__(data_dir, buckets=buckets, strict=strict)
        self.recorder = Recorder()

    def _application(self, database: Database, worker: Worker, pusher: Pusher, running: Running) -> web.Application:
        application = super()._application(database, worker, pusher, running)
        application.middlewares.insert(0, self.recorder.middleware)
        return application


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Recording]:
    """Make the images of the page, and run the sandbox as the page starts it."""
    (tmp_path / "make_images.py").write_text(SCRIPT)
    maker = await asyncio.create_subprocess_exec(sys.executable, "make_images.py", cwd=tmp_path)
    assert await maker.wait() == 0
    options = build_parser().parse_args(shlex.split(START)[1:])
    buckets = {name: tmp_path / folder for name, folder in (each.split("=") for each in options.bucket)}
    async with Recording(tmp_path / "hilum-sandbox", buckets, options.strict) as running:
        yield running


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not PROGRAMS, reason="gcloud, bq or curl is not installed; test_recorded sends their requests")
async def test_page(sandbox: Recording, tmp_path: Path) -> None:
    """Each command of the page succeeds, and says what the page says."""
    steps = STEPS if DRAWS else STEPS[:-1]
    script = "".join(f"{commands}printf '\\036'\n" for commands, _ in steps)
    script = script.replace("http://127.0.0.1:8090", sandbox.url)
    shell = await asyncio.create_subprocess_exec(
        "sh",
        "-euc",
        script,
        cwd=tmp_path,
        env=os.environ | {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1", "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await shell.communicate())[0].decode()
    assert shell.returncode == 0, said[-3000:]
    if os.environ.get("RECORD_LAB") and DRAWS:
        sandbox.recorder.write(RECORDING)
    outputs = said.split(BETWEEN)
    assert len(outputs) == len(steps) + 1
    missing = [
        (line, output[-1000:])
        for (_, expected), output in zip(steps, outputs, strict=False)
        for line in expected.splitlines()
        if line.strip() not in output
    ]
    assert missing == []
    (after,) = [output for (commands, _), output in zip(steps, outputs, strict=False) if ":deidentify" in commands]
    assert "00100020" not in after  # nobody has the old identifier
    assert set(healthcare(sandbox.recorder.requests)) <= set(healthcare(read(RECORDING))), "record the lab again"


async def test_recorded(sandbox: Recording) -> None:
    """The requests that were recorded from the commands of the page are answered as they were then."""
    requests = [each for each in read(RECORDING) if DRAWS or "lab-images" not in each.path + each.body]
    assert len(requests) > 30
    assert await send(requests, sandbox.url) == []


def test_steps() -> None:
    """The page has the steps of the lab, in their order."""
    words = [
        "datasets create",
        "dicomStoreId=dicomstore2",
        "import gcs",
        ":export",
        "No Finding",
        ":deidentify",
        "jpeg",
    ]
    commands = "".join(each for each, _ in STEPS)
    assert sorted(words, key=commands.index) == words
