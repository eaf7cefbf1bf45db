"""A browser that looks at the pages, and the judge of their accessibility.

axe-core cannot be added as a script, which the policy of the pages forbids; the debugger's protocol can run it.
"""

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.screen.screens import TOKEN

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
AXE = Path(__file__).parent.parent.parent / "build" / "browser-peers" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"1280": (1280, 900), "400": (400, 800)}
THEMES = ("light", "dark")
REASON = "Chromium, playwright or axe-core is not installed: make peers browser-peers"

needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists() or importlib.util.find_spec("playwright") is None or not AXE.exists(), reason=REASON
)


@asynccontextmanager
async def window(
    browser: Any, *, size: str = "1280", theme: str = "light", script: bool = True, zone: str = "Europe/Berlin"
) -> AsyncIterator[Any]:
    """Open a window; at its end no script has failed, and the policy of the pages was never violated."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        java_script_enabled=script,
        timezone_id=zone,
        locale="en-GB",
        has_touch=size == "400",
    )
    context.set_default_timeout(30_000)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("dialog", lambda dialog: faults.append(f"dialog {dialog.message}"))
    yield page
    await context.close()
    assert faults == []


async def sign_in(page: Any, url: str, token: str = TOKEN, name: str = "") -> None:
    """Sign in as a person does."""
    await page.goto(url)
    await page.fill("input[name=token]", token)
    await page.fill("input[name=name]", name)
    await page.click("main button")
    await page.wait_for_url(url)


async def judged(page: Any) -> Sequence[str]:
    """Return what axe-core finds on the page, with every fold open."""
    for fold in await page.query_selector_all("details:not([open]) > summary"):
        await fold.click()
    await page.wait_for_timeout(300)
    debugger = await page.context.new_cdp_session(page)
    await debugger.send("Runtime.evaluate", {"expression": AXE.read_text()})
    asked = {"expression": "axe.run().then(found => JSON.stringify(found.violations))", "awaitPromise": True}
    found = json.loads((await debugger.send("Runtime.evaluate", {**asked, "returnByValue": True}))["result"]["value"])
    return [f"{each['id']}: {node['html']}: {node['failureSummary']}" for each in found for node in each["nodes"]]


async def until(page: Any, expression: str) -> None:
    """Wait until *expression* is true on the page. Playwright's own waiting needs eval, which the policy forbids."""
    async with asyncio.timeout(30):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.05)


async def is_wider_than_the_window(page: Any) -> bool:
    """Whether a reader has to scroll sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
