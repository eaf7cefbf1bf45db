"""Listing and fetching, against odd and hostile stores."""

import base64
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from adapters.events.getting import Gone
from adapters.events.hl7v2 import store as module
from adapters.events.hl7v2.examining import NOT_SHOWN
from adapters.events.hl7v2.feed import Entry, Listing
from adapters.events.hl7v2.listing import Addresses, Fetched
from adapters.events.hl7v2.store import Hl7v2Source
from adapters.events.instants import MILLISECOND, SECOND, read_instant, written
from gateway.contract.outcome import Unavailable
from tests.adapters.events.scripted import Answer, client_of, scripted

STORE = "projects/p/locations/l/datasets/d/hl7V2Stores/s"
NAME = f"{STORE}/messages/abc="


def message(number: int) -> dict[str, str]:
    """Return a message in a list, created at *number* milliseconds."""
    return {"name": f"{STORE}/messages/{number}", "createTime": written(number * MILLISECOND)}


def source_at(url: str, client: Any, most: int = 1 << 20) -> Hl7v2Source:
    """Return a source for the server."""
    return Hl7v2Source(client, Addresses(f"{url}/v1/{STORE}", ""), most)


def pages_of(numbers: list[int]) -> Callable[[web.Request, bytes], object]:
    """Return an answer that lists messages by pages of at most 50, and by their creation."""

    def answer(request: web.Request, _: bytes) -> object:
        conditions = request.query["filter"].split(" AND ")
        since = (read_instant(conditions[0].split('"')[1]) or 0) // MILLISECOND
        before = (read_instant(conditions[1].split('"')[1]) or 0) // MILLISECOND if conditions[1:] else 10**9
        found = [number for number in numbers if since <= number < before]
        start, size = int(request.query.get("pageToken", "0")), min(50, int(request.query["pageSize"]))
        page: dict[str, object] = {"hl7V2Messages": [message(each) for each in found[start : start + size]]}
        return page | ({"nextPageToken": str(start + size)} if start + size < len(found) else {})

    return answer


async def test_pages() -> None:
    """All pages are read."""
    async with scripted(pages_of(list(range(1, 121)))) as server, client_of(server.url) as client:
        listing = await source_at(server.url, client).listed(11 * MILLISECOND)
    assert not isinstance(listing, Unavailable)
    assert (list(range(11, 121)), None) == ([each.created // MILLISECOND for each in listing.entries], listing.before)


async def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many messages the oldest ones are listed, all up to a time, whatever the order of the pages."""
    monkeypatch.setattr(module, "MOST_LISTED", 100)
    async with (
        scripted(pages_of([(each * 7) % 1000 for each in range(1000)])) as server,
        client_of(server.url) as client,
    ):
        listing = await source_at(server.url, client).listed(0)
    assert not isinstance(listing, Unavailable)
    assert listing.before is not None
    assert list(range(listing.before // MILLISECOND)) == sorted(each.created // MILLISECOND for each in listing.entries)
    assert listing.newest > listing.before


async def test_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages that were all created in the same millisecond cannot be listed in portions, so all are."""
    monkeypatch.setattr(module, "MOST_LISTED", 100)
    async with scripted(pages_of([5] * 300)) as server, client_of(server.url) as client:
        listing = await source_at(server.url, client).listed(0)
    assert not isinstance(listing, Unavailable)
    assert 300 == len(list(listing.entries))


async def test_message() -> None:
    """A message is fetched with its octets; one that is not there any more is gone."""
    data = {"name": NAME, "data": base64.b64encode(b"MSH|").decode()}
    answer: Answer = lambda request, _: data if "abc" in request.path else 410  # noqa: E731  it is passed on
    async with scripted(answer) as server, client_of(server.url) as client:
        source = source_at(server.url, client)
        assert Fetched(b"MSH|", frozenset()) == await source.get(NAME)
        assert Gone() == await source.get(NAME.replace("abc", "xyz"))


HOSTILE: dict[str, object] = {
    "no JSON": b"<html>patient DOE^JANE</html>",
    "a bomb of brackets": b"[" * 1_000_000,
    "a bomb of values": b'{"hl7V2Messages": [' + b"{}," * 500_000 + b"{}]}",
    "endless": b'{"x": "' + b"y" * 10_000_000,
    "an array": [],
    "a name of another place": {"hl7V2Messages": [{"name": "../../secret", "createTime": "2026-01-01T00:00:00Z"}]},
    "a list that does not end": {"nextPageToken": "t"},
    "an error": 500,
    "not permitted": 403,
    "no store": 404,
    "redirected": 302,
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
async def test_hostile(answer: object) -> None:
    """Whatever the store answers, the list is not to be had; the reason has no payload."""
    async with scripted(lambda *_: answer) as server, client_of(server.url) as client:
        source = source_at(server.url, client)
        listing, got = await source.listed(0), await source.get(NAME)
    assert isinstance(listing, Unavailable)
    assert "DOE" not in listing.reason
    assert isinstance(got, Unavailable)


async def test_slow() -> None:
    """A store that does not answer is not waited for longer than its settings say."""
    async with scripted(lambda *_: None) as server, client_of(server.url, 0.2) as client:
        assert isinstance(await source_at(server.url, client).listed(0), Unavailable)


async def test_too_large() -> None:
    """A message that is larger than may be read is not to be had."""
    data = {"name": NAME, "data": "A" * 4000}
    async with scripted(lambda *_: data) as server, client_of(server.url) as client:
        assert isinstance(await source_at(server.url, client, most=2000).get(NAME), Unavailable)


async def test_whole_messages_in_the_list() -> None:
    """A store that ignores `fields` sends whole messages; then it is asked for shorter pages until they can be read."""

    def answer(request: web.Request, _: bytes) -> object:
        start, size = int(request.query.get("pageToken", "0")), int(request.query["pageSize"])
        page = [{**message(each), "data": "A" * 20_000} for each in range(start, min(start + size, 300))]
        return {"hl7V2Messages": page, **({"nextPageToken": str(start + size)} if start + size < 300 else {})}

    async with scripted(answer) as server, client_of(server.url) as client:
        source = source_at(server.url, client)
        tries = [await source.listed(0) for _ in range(6)]
    whole = [each for each in tries if not isinstance(each, Unavailable)]
    assert Entry(0, f"{STORE}/messages/0") in list(whole[0].entries)


EXCLUDED: dict[str, tuple[bool, bool, object]] = {
    "the condition leaves it out": (True, False, True),
    "the list shows it": (True, True, False),
    "no list shows it": (False, False, NOT_SHOWN),
}


@pytest.mark.parametrize(("in_all", "in_list", "expected"), EXCLUDED.values(), ids=EXCLUDED)
async def test_excluded(in_all: bool, in_list: bool, expected: object) -> None:
    """Whether the condition leaves a message out is told by two lists, with and without it."""

    def answer(request: web.Request, _: bytes) -> object:
        is_shown = in_list if "labels" in request.query["filter"] else in_all
        return {"hl7V2Messages": [message(5)] if is_shown else []}

    async with scripted(answer) as server, client_of(server.url) as client:
        source = Hl7v2Source(client, Addresses(f"{server.url}/v1/{STORE}", "NOT labels.x:*"), 1 << 20)
        assert expected == await source.is_excluded(Entry(5 * MILLISECOND, message(5)["name"]))


async def test_clock() -> None:
    """The store's clock is in the Date of its replies."""
    async with scripted(lambda *_: {}) as server, client_of(server.url) as client:
        found = await source_at(server.url, client).clock()
        listing = await source_at(server.url, client).listed(0)
    assert isinstance(found, int)
    assert isinstance(listing, Listing)
    assert abs(time.time() - found / SECOND) < 60
    assert listing.clock is not None
