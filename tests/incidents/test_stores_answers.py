"""Incidents 12 to 14 and 19: what answers is not the store, a quota is used up, the store is slow, clocks differ."""

import json
import time
from email.utils import formatdate
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web

from tests.incidents.staging import Told, settings, staged
from tests.incidents.stores import LISTENERS, ROUTES, Answer, Store, answers, results, takes

pytestmark = [pytest.mark.slow, pytest.mark.slow, pytest.mark.timeout(900)]
LOGIN = "<!DOCTYPE html><html><title>Sign in</title><form></form></html>"
WRONG: dict[str, tuple[Answer, Told]] = {
    "404": (
        answers(404),
        Told(
            "wrong_address",
            "results",
            "here",
            "results knows nothing at this address (HTTP 404).",
            "Correct the path in destinations.results.url.",
        ),
    ),
    "302": (
        answers(302, Location="https://login.example/start?to=secret"),
        Told(
            "redirected",
            "results",
            "here",
            "Its address sends us on to login.example: a login page, or it has moved.",
            "Write the new address in destinations.results.url, or take the login page out of the way.",
        ),
    ),
    "HTML 200": (
        answers(200, LOGIN, Content_Type="text/html"),
        Told(
            "other_content",
            "results",
            "here",
            "What answers is not results: it sends text/html, as a login page or a proxy does.",
            "Correct destinations.results.url, or take the login page out of the way.",
        ),
    ),
    "500": (
        answers(500),
        Told(
            "store_failed",
            "results",
            "store",
            "results fails by itself (HTTP 500).",
            "Look into the log of results, or call its owner.",
        ),
    ),
    "429": (
        answers(429, json.dumps({"error": {"status": "RESOURCE_EXHAUSTED"}}), Retry_After="20"),
        Told(
            "too_many_requests",
            "results",
            "store",
            "results says that too many requests come (HTTP 429): a quota is used up; next try in ",
            "Raise the quota of results, or lower destinations.results.max_connections.",
            ("results takes fewer messages than come",),
        ),
    ),
}


@pytest.mark.parametrize("what", WRONG)
async def test_12_13_answer_is_none(tmp_path: Path, what: str) -> None:
    """Something answers, but not as a store that takes the message; then the store does."""
    store = Store()
    store.answer, told = WRONG[what]
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, results(store.url), ROUTES)) as stage:
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        store.answer = takes
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_14_store_is_slow(tmp_path: Path) -> None:
    """The store thinks for longer than it usually does, although connecting to it is fast; then it is fast again."""
    told = Told(
        "slow",
        "results",
        "store",
        " s to answer, usually 0.",
        "Call the owner of results.",
        ("results needs ", "connecting takes 0.", "results is slow"),
    )
    store, numbers = Store(), count()
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, results(store.url), ROUTES)) as stage:

        async def traffic() -> None:
            for _ in range(3):
                assert "AA" == await stage.message("live", f"C{next(numbers)}")

        store.seconds, began = 0.1, time.monotonic()
        while time.monotonic() < began + 22:  # what is usual is looked at every ten seconds
            await traffic()
        store.seconds = 4
        await stage.tells(told, traffic)
        store.seconds = 0.1
        await stage.is_as_usual(traffic)
        await stage.has_logged_once(told)


async def test_14_store_hangs(tmp_path: Path) -> None:
    """The store takes the message and says nothing; then it answers again."""
    told = Told(
        "no_answer",
        "results",
        "store",
        "results takes what is sent and does not answer within 2 s.",
        "Call the owner of results: the service hangs or is overloaded.",
    )
    store = Store()
    destination = results(store.url, "read_seconds: 2, max_unreadable: 100")
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, destination, ROUTES)) as stage:
        store.seconds = 3600
        assert "AA" == await stage.message("lab", "C1")
        await stage.tells(told)
        store.seconds = 0
        await stage.is_as_usual()
        await stage.has_logged_once(told)


async def test_19_our_clock_is_ahead(tmp_path: Path) -> None:
    """The store's clock shows less than ours; then NTP has set it."""
    told = Told(
        "clock",
        "clock",
        "here",
        "Our clock is 4 min ahead of that of results.",
        "Check NTP on this machine first, then on results.",
        ("Our clock and that of results differ", "Messages pass; times in the log are wrong."),
    )
    store, numbers = Store(), count()

    async def behind(_request: web.Request, _body: bytes) -> web.Response:
        return web.Response(headers={"Date": formatdate(time.time() - 240, usegmt=True)})

    store.answer = behind
    async with store.up(), staged(tmp_path, settings(tmp_path, LISTENERS, results(store.url), ROUTES)) as stage:

        async def traffic() -> None:
            assert "AA" == await stage.message("lab", f"C{next(numbers)}")

        await stage.tells(told, traffic)
        store.answer = takes
        await stage.is_as_usual(traffic)
        await stage.has_logged_once(told)
