"""The first screen in a browser: at two sizes, in both themes, by keyboard, live, and without its script."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gateway.admin.settings import AdminSettings
from gateway.screen import live
from tests.browser.browsers import (
    SIZES,
    THEMES,
    is_wider_than_the_window,
    judged,
    needs_browser,
    sign_in,
    until,
    window,
)
from tests.gateway.screen.screens import FakeSource, bad_night, case, observed, peer, peer_seen, serving, status
from tests.gateway.screen.test_first_screen import HOSTILE, everywhere

pytestmark = [needs_browser, pytest.mark.slow, pytest.mark.filterwarnings("default::ResourceWarning")]


@pytest.fixture
def source() -> FakeSource:
    """Make what the pages show: a bad night."""
    return FakeSource(seen=observed([peer_seen("CT1"), peer_seen("CT2"), peer_seen("MR3")]))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_looks(browser: Any, source: FakeSource, size: str, theme: str) -> None:
    """axe-core finds nothing, also in a fold; nobody scrolls sideways; what now comes before why on a telephone."""
    async with serving(source) as port, window(browser, size=size, theme=theme) as page:
        await page.goto(port.url)
        assert [] == await judged(page)
        await sign_in(page, port.url + "/", name="night.shift")
        assert "image-store refuses connections" in await page.title()
        assert not await is_wider_than_the_window(page)
        assert [] == await judged(page)
        assert "CT2" in await page.inner_text("#usual-peers")
        now, why = [await page.locator(f".case >> nth=0 >> {each}").bounding_box() for each in (".now", ".why")]
        assert now["y"] < why["y"] if size == "400" else now["x"] > why["x"]
        if size == "400":
            boxes = [await each.bounding_box() for each in await page.query_selector_all("main button, main .verb")]
            assert min(each["height"] for each in boxes) >= 44


async def test_times_are_local(browser: Any, source: FakeSource) -> None:
    """Every time is shown in the reader's zone by the script; without it, in UTC with the word."""
    source.shown = status([case(why="It refused at 2025-11-29T02:18:00Z.")])
    async with serving(source) as port:
        async with window(browser, zone="Asia/Tokyo") as page:
            await sign_in(page, port.url + "/")
            assert "11:18" in await page.inner_text("#cases")
            assert "UTC" not in await page.inner_text("body")
        async with window(browser, script=False) as page:
            await sign_in(page, port.url + "/")
            assert "02:18 UTC" in await page.inner_text("#cases")
            assert "as of" in await page.inner_text(".where")
            await page.click("summary")
            await page.click("#usual-peers a")
            assert page.url.endswith("/peers")


async def test_live(browser: Any, source: FakeSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change is on the page by itself; the fold stays open and the focus where it is; the tab says it too."""
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.1)
    async with serving(source) as port, window(browser) as page:
        await sign_in(page, port.url + "/")
        await page.wait_for_selector("#live.live")
        await page.click("#usual-peers summary")
        await page.wait_for_selector("#usual-peers table")
        await page.focus("#verb-a1b2-1")
        source.shown = status([case(title="image-store still refuses")], sentence="It still refuses.", peers=[peer()])
        await until(page, "document.title.startsWith('It still refuses')")
        await until(page, "document.querySelector('#cases').textContent.includes('still refuses')")
        assert "verb-a1b2-1" == await page.evaluate("document.activeElement.id")
        await page.wait_for_selector("#usual-peers[open] table")
        assert "It still refuses" in await page.inner_text("#said")
        source.shown = status()
        await until(page, "document.querySelector('#icon').href.includes('green')")
        assert 0 == await page.locator(".case").count()


async def test_not_live(browser: Any, source: FakeSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the connection breaks, or nothing can be known, the page says in words that it is not live."""
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.1)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving(source))
        page = await stack.enter_async_context(window(browser))
        await sign_in(page, port.url + "/")
        await page.wait_for_selector("#live.live")
        source.fault = OSError("away")
        await page.wait_for_selector("#live.not-live")
        assert "Not live. Shown as of" in await page.inner_text(".where")
        source.fault = None
        await page.wait_for_selector("#live.live")
        await port.application.shutdown()
        await page.wait_for_selector("#live.not-live")


async def test_no_room_for_another_viewer(browser: Any, source: FakeSource) -> None:
    """Beyond the limit the page is there and says that it is not live."""
    settings = AdminSettings(max_viewers=1)
    async with serving(source, settings=settings) as port, window(browser) as first, window(browser) as second:
        await sign_in(first, port.url + "/")
        await first.wait_for_selector("#live.live")
        await sign_in(second, port.url + "/")
        await second.wait_for_selector("#live.not-live")
        assert "image-store refuses" in await second.inner_text("#cases")


async def test_forty_viewers(browser: Any, source: FakeSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser and forty programs follow, and each sees a change."""
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.1)
    async with serving(source) as port, window(browser) as page, AsyncExitStack() as stack:
        await sign_in(page, port.url + "/")
        headers = {"Authorization": "Bearer 0123456789abcdef"}
        viewers = [
            await stack.enter_async_context(port.client.get(f"{port.url}/screen/live", headers=headers))
            for _ in range(40)
        ]
        await page.wait_for_selector("#live.live")
        source.shown = status(sentence="The night is over.")
        await until(page, "document.title.startsWith('The night is over')")

        async def sees(viewer: Any) -> None:
            while "The night is over." not in (await viewer.content.readuntil(b"\n")).decode():
                pass

        async with asyncio.timeout(30):
            await asyncio.gather(*map(sees, viewers))


async def test_keyboard(browser: Any, source: FakeSource) -> None:
    """A person without a mouse comes past the navigation to the verbs, and to the fold."""
    async with serving(source) as port, window(browser) as page:
        await sign_in(page, port.url + "/")
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("Tab")
        assert "To the content" == await page.evaluate("document.activeElement.textContent")
        await page.keyboard.press("Enter")
        reached = []
        for _ in range(20):
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.textContent.trim()"))
        assert {"PACS on-call, 4411", "Try now", "Explain", "14 more peers are as usual"} <= set(reached)


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile(browser: Any, source: FakeSource, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in a field, nothing of it runs: not at first, not live, and not in the fold."""
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.1)
    source.seen = observed([peer_seen(value, address=value)])
    async with serving(source) as port, window(browser) as page:
        await sign_in(page, port.url + "/", name=value)
        await page.wait_for_selector("#live.live")
        shown = everywhere(value)
        shown["level"], shown["peers"] = "red", []
        source.shown = shown
        await until(page, "document.querySelectorAll('#destinations tbody tr').length === 1")
        await page.click("#usual-peers summary")
        await page.wait_for_selector("#usual-peers table")
        assert 0 == await page.locator("main script, main img, main iframe, main svg[onload]").count()
        source.shown = bad_night()
        await until(page, "document.title.startsWith('image-store refuses')")
