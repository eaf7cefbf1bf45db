"""The front page of the sandbox in a browser, and the log of an operation: at two sizes and in both themes."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.server import Sandbox
from tests.browser.browsers import SIZES, THEMES, is_wider_than_the_window, judged, needs_browser, window
from tests.dicom_files import make_instance
from tests.gateway.sandbox.operations_client import DICOM, Api

pytestmark = [needs_browser, pytest.mark.slow, pytest.mark.filterwarnings("default::ResourceWarning")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_looks(browser: Any, tmp_path: Path, size: str, theme: str) -> None:
    """axe-core finds nothing with every fold open, nobody scrolls the page sideways, and a command can be copied."""
    async with Sandbox(tmp_path / "data") as sandbox, ClientSession() as client:
        api = Api(sandbox, client, tmp_path / "data")
        api.put("a.dcm", make_instance(tmp_path, 1, "1.2.3", "1.2.3.4").read_bytes())
        api.put("notes.dcm", b"no DICOM")
        done = await api.run(f"{DICOM}:import", {"gcsSource": {"uri": "gs://data/*"}})
        async with window(browser, size=size, theme=theme) as page:
            await page.goto(sandbox.url)
            assert list(await judged(page)) == []
            assert not await is_wider_than_the_window(page)
            await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            await page.locator("button", has_text="Copy").first.click()
            copied = await page.evaluate("navigator.clipboard.readText()")
            assert copied.startswith(f"curl {sandbox.url}/v1/")
            await page.goto(f"{sandbox.url}/v1/{done['name']}/logs")
            assert list(await judged(page)) == []
            assert not await is_wider_than_the_window(page)
