"""The commands on the front page."""

import asyncio
import re
import shutil
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.overview.commands import commands_of, where_buckets_are
from gateway.sandbox.server import Sandbox

NOTHING: dict[str, list[dict[str, Any]]] = {"hl7V2Stores": [], "dicomStores": [], "fhirStores": []}


async def commands(client: ClientSession, url: str) -> Sequence[str]:
    """Return the commands with curl that the page of a sandbox has."""
    async with client.get(url, headers={"Accept": "text/html"}) as response:
        page = await response.text()
    found = [unescape(each) for each in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]
    return [each for each in found if each.startswith("curl")]


async def wrong(lines: Sequence[str], folder: Path) -> Sequence[str]:
    """Return the commands that are not answered with a success."""
    found = []
    for line in lines:
        process = await asyncio.create_subprocess_shell(line.replace("curl", "curl -sf", 1), cwd=folder)
        found += [line] if await process.wait() else []
    return found


def test_buckets() -> None:
    """The import names a bucket that is there; the page says where others are."""
    assert "gs://scans/**.dcm" in "".join(commands_of(NOTHING, "http://h", []))
    assert "gs://archive/**.dcm" in "".join(commands_of(NOTHING, "http://h", ["archive"]))
    assert where_buckets_are(["archive"]) == "gs://archive is the folder that --bucket names."


def test_first_store() -> None:
    """The commands name a store that is there, with the address of the sandbox."""
    store = "projects/hospital/locations/l/datasets/d/dicomStores/ct"
    lines = list(commands_of({**NOTHING, "dicomStores": [{"name": store}]}, "http://h:1", []))
    assert f"curl http://h:1/v1/{store}/dicomWeb/studies" in lines
    assert f"curl http://h:1/v1/{store.replace('dicomStores/ct', 'fhirStores/records')}/fhir/Patient" in lines
    assert any("bq://hospital.lab.images" in each for each in lines)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_commands_work(sandbox: Sandbox, client: ClientSession, tmp_path: Path) -> None:
    """Each command with curl is answered, in an empty sandbox too."""
    lines = await commands(client, sandbox.url)
    assert len(lines) == 5
    assert await wrong(lines, tmp_path) == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_strict(client: ClientSession, tmp_path: Path) -> None:
    """Where stores must be made first, the commands make them."""
    async with Sandbox(tmp_path / "data", strict=True) as sandbox:
        lines = await commands(client, sandbox.url)
        assert len(lines) == 9
        assert await wrong(lines, tmp_path) == []
        assert len(await commands(client, sandbox.url)) == 5
