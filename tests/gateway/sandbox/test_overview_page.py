"""The commands on the front page."""

import asyncio
import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.overview_page import page_of
from gateway.sandbox.server import Sandbox

NOTHING = {"hl7V2Stores": [], "dicomStores": [], "fhirStores": [], "operations": []}  # type: ignore[var-annotated]


def commands(page: str) -> list[str]:
    """Return the commands of a page."""
    found = re.search(r"<pre>(.*?)</pre>", page, re.DOTALL)
    assert found is not None
    return unescape(found[1]).splitlines()


def test_buckets() -> None:
    """The import names a bucket that is there; the page says where others are."""
    assert "gs://scans/**.dcm" in page_of(NOTHING, "http://h", [])
    page = page_of(NOTHING, "http://h", ["archive"])
    assert "gs://archive/**.dcm" in page
    assert "gs://archive is the folder that --bucket names." in page


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_commands_work(sandbox: Sandbox, client: ClientSession, tmp_path: Path) -> None:
    """Each command with curl is answered, in an empty sandbox too."""
    async with client.get(sandbox.url, headers={"Accept": "text/html"}) as response:
        lines = [line for line in commands(await response.text()) if line.startswith("curl")]
    assert len(lines) == 5
    for line in lines:
        process = await asyncio.create_subprocess_shell(line.replace("curl", "curl -sf", 1), cwd=tmp_path)
        assert await process.wait() == 0, line
