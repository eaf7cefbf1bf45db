"""The pages of messages."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from gateway.journal.query import PAGE
from tests.gateway.screen.further import HOSTILE, ROWS, Gateway, gateway


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[Gateway]:
    """Serve all pages over a journal."""
    async with gateway(tmp_path) as served:
        await served.sign_in()
        yield served


def links(text: str) -> list[str]:
    """Return the IDs of the messages on a page."""
    return re.findall(r'href="/messages/([^"?]+)"', text)


async def test_pages(port: Gateway) -> None:
    """The newest first, and by "Older" through all of them without a total."""
    path, seen = "/messages", list[str]()
    while path:
        status, text = await port.get(path)
        assert 200 == status
        assert len(links(text)) <= PAGE
        seen += links(text)
        older = re.findall(r'href="(/messages\?[^"]*before=[^"]*)">(?:Older|Search further back)<', text)
        path = unescape(older[0]) if older else ""
    assert len(ROWS) == len(seen)
    assert "message130" == seen[-1]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("id=C42", 1),
        ("id=message42", 1),
        ("uid_prefix=C12", 11),
        ("outcome=parked", 1),
        ("outcome=not_stored", 3),
        ("peer=nobody", 0),
        ("listener=adt&outcome=committed", 1),
    ],
)
async def test_search(port: Gateway, query: str, count: int) -> None:
    """A search finds by ID, prefix, peer, listener and outcome, and keeps what was asked in the form."""
    status, text = await port.get(f"/messages?{query}")
    assert (200, count) == (status, len(links(text)))
    assert ("Nothing was found" in text) == (count == 0)
    value = query.partition("=")[2].partition("&")[0]
    assert f'value="{value}"' in text


async def test_mistake(port: Gateway) -> None:
    """What is not understood is said above the list, and the form keeps it."""
    status, text = await port.get("/messages?since=yesterday")
    assert (400, True, True) == (status, 'role="alert"' in text, 'value="yesterday"' in text)


async def test_life(port: Gateway) -> None:
    """One message: its answer, its deliveries with reason and duration, and its entry in the spool."""
    status, text = await port.get("/messages/m1")
    assert 200 == status
    for each in ("AA", "14 s", "the store answered an error of its own", f"/spool/entries/{port.parked}"):
        assert each in text
    assert 3 == text.count("data-seconds>")
    status, text = await port.get("/messages/unknown")
    assert (404, True) == (status, "no message of that ID" in text)


async def test_hostile(port: Gateway) -> None:
    """A message whose every name attacks has a page, and attacks nobody."""
    status, text = await port.get("/messages/%3Cscript%3Ewindow.broken%3D1%3C%2Fscript%3E")
    assert (200, False) == (status, HOSTILE in text)
    assert "<img" not in text


async def test_no_journal(tmp_path: Path, port: Gateway) -> None:
    """A journal that cannot be read is said, with what to look at."""
    folder = tmp_path / "journal"
    folder.rename(tmp_path / "gone")
    folder.write_text("no folder")
    status, text = await port.get("/messages")
    assert (400, True) == (status, "the journal cannot be read" in text)
