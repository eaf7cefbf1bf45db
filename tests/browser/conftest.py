"""What the tests in a browser share: Debian's Chromium, driven by Playwright."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.browser.browsers import CHROMIUM, FLAGS


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    """Start a browser."""
    from playwright.async_api import async_playwright  # noqa: PLC0415  it may not be installed

    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        await started.close()
