"""The pages behind the first screen in a browser: at two sizes, in both themes, by keyboard, and without the script."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browsers import SIZES, THEMES, is_wider_than_the_window, judged, needs_browser, sign_in, window
from tests.gateway.screen.further import Gateway, gateway
from tests.gateway.spooled import MARK

pytestmark = [needs_browser, pytest.mark.slow, pytest.mark.filterwarnings("default::ResourceWarning")]
HOSTILE = "%3Cscript%3Ewindow.broken%3D1%3C%2Fscript%3E"


def pages(port: Gateway) -> dict[str, str]:
    """Return every page by a name."""
    return {
        "messages": "/messages",
        "nothing found": "/messages?peer=nobody",
        "a mistake": "/messages?since=yesterday",
        "a message": "/messages/m1",
        "a hostile message": f"/messages/{HOSTILE}",
        "not there": "/messages/none",
        "spool": "/spool",
        "entries": "/spool/entries?state=parked&destination=store",
        "an entry": f"/spool/entries/{port.parked}",
        "fields of a payload": f"/spool/entries/{port.parked}/payload",
        "peers": "/peers",
        "a peer": "/peers/MR3",
        "a hostile peer": f"/peers/{HOSTILE}",
        "destinations": "/destinations",
        "a destination": "/destinations/image-store",
        "certificates": "/certificates",
        "configuration": "/configuration",
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_looks(browser: Any, tmp_path: Path, size: str, theme: str) -> None:
    """axe-core finds nothing with every fold open, nobody scrolls sideways, and no name becomes a script."""
    faults: dict[str, list[str]] = {}
    async with gateway(tmp_path) as port, window(browser, size=size, theme=theme) as page:
        await sign_in(page, port.url + "/", name="night.shift")
        for name, path in pages(port).items():
            await page.goto(port.url + path)
            found = list(await judged(page))
            found += ["wider than the window"] if await is_wider_than_the_window(page) else []
            found += ["a name became a script"] if await page.evaluate("window.broken === 1") else []
            if size == "400":
                found += await low_buttons(page)
            faults |= {name: found} if found else {}
    assert {} == faults


async def low_buttons(page: Any) -> list[str]:
    """Return the buttons and links for verbs that a thumb may miss."""
    boxes = [(await each.inner_text(), await each.bounding_box()) for each in await page.query_selector_all(".verb")]
    return [f"{text} is {box['height']} px high" for text, box in boxes if box is not None and box["height"] < 44]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_discard(browser: Any, tmp_path: Path, size: str, script: bool) -> None:
    """From the spool's page to the act: a count, a reason, a result; with and without the script."""
    async with gateway(tmp_path) as port, window(browser, size=size, script=script) as page:
        await sign_in(page, port.url + "/", name="night.shift")
        await page.goto(port.url + "/spool")
        await page.locator("button", has_text="Discard").first.click()
        assert "Discard 2 messages?" == await page.inner_text("h1")
        if script:
            assert [] == await judged(page)
        await page.fill("#reason", "sent twice")
        await page.click("button.danger")
        assert "Done: 2 messages" == await page.inner_text("h1")
        assert re.search(r"/actions/[\w-]+$", page.url)
        await page.reload()
        assert "Done: 2 messages" == await page.inner_text("h1")
    (act,) = port.acts.told
    assert ("sent twice", True) == (act.why, "night.shift" in act.by)


async def test_retry_by_keyboard(browser: Any, tmp_path: Path) -> None:
    """A single message is tried again with keys only; without a reason the browser does not send the form."""
    async with gateway(tmp_path) as port, window(browser) as page:
        await sign_in(page, port.url + "/")
        await page.goto(f"{port.url}/spool/entries/{port.parked}")
        await page.focus("main button.first")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#reason")
        await page.focus("#reason")
        await page.keyboard.press("Enter")
        assert "Retry 1 message?" == await page.inner_text("h1")
        await page.keyboard.type("the store is mended")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Done: 1 message")
    assert ["the store is mended"] == [each.why for each in port.acts.told]


async def test_payload(browser: Any, tmp_path: Path) -> None:
    """The fields first; the content behind a fold and a purpose, and then it is in the trail."""
    name = MARK.decode()
    async with gateway(tmp_path) as port, window(browser) as page:
        await sign_in(page, port.url + "/", name="dr.x")
        await page.goto(f"{port.url}/spool/entries/{port.parked}/payload")
        assert name not in await page.content()
        await page.click("summary")
        await page.select_option("select[name=purpose]", "refused")
        await page.click("button.danger")
        await page.wait_for_selector("pre")
        assert name in await page.inner_text("pre")
        assert [] == await judged(page)
    assert ["Find out why the message was refused"] == [each.why for each in port.acts.told]


async def test_line_to_change(browser: Any, tmp_path: Path) -> None:
    """The verb of a case leads to the row of the key, also if it is a default in a fold."""
    async with gateway(tmp_path) as port, window(browser) as page:
        await sign_in(page, port.url + "/")
        await page.goto(f"{port.url}/configuration#listeners.modalities.called_ae_titles")
        row = page.locator("tr:target")
        await row.wait_for(state="visible")
        assert "listeners.modalities.called_ae_titles" in await row.inner_text()


async def test_older(browser: Any, tmp_path: Path) -> None:
    """The list goes back page by page, and its times are those of the reader."""
    async with gateway(tmp_path) as port, window(browser, zone="Asia/Tokyo") as page:
        await sign_in(page, port.url + "/")
        await page.goto(port.url + "/messages?outcome=stored")
        assert "UTC" not in await page.inner_text("tbody")
        await page.click("text=Older")
        await page.wait_for_selector("text=Newest")
        assert "C54" in await page.inner_text("tbody")
