"""The journal over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.journal.folder import folder_of
from gateway.screen.messages_api import ROOT, add_messages_api
from tests.gateway.journal.rows_for_tests import NOW, row, written

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def asked(data_dir: Path) -> AsyncIterator[Client]:
    """Serve the API."""
    application = web.Application()
    add_messages_api(application, data_dir)
    async with TestClient(TestServer(application)) as client:
        yield client


async def test_pages(tmp_path: Path) -> None:
    """A page has rows, the newest first, and the place at which the next begins, as text; the last has none."""
    written(folder_of(tmp_path), [row(number) for number in range(5)])
    async with asked(tmp_path) as client:
        first = await (await client.get(ROOT, params={"limit": "3"})).json()
        assert ["C4", "C3", "C2"] == [each["key"] for each in first["messages"]]
        assert isinstance(first["next"], str)
        second = await (await client.get(ROOT, params={"limit": "3", "before": first["next"]})).json()
        assert ["C1", "C0"] == [each["key"] for each in second["messages"]]
        assert (None, None, []) == (second["next"], second["searched_back_to"], second["unread"])
        found = second["messages"][-1]
        assert (NOW, "2027-01-15T08:00:00.000Z", "HIS|WARD") == (found["at"], found["time"], found["peer"])


async def test_filters(tmp_path: Path) -> None:
    """Every word of a query is a condition."""
    written(folder_of(tmp_path), [row(0), row(1, outcome="refused"), row(2, peer="LAB")])
    async with asked(tmp_path) as client:
        for params, keys in (
            ({"id": "m1"}, ["C1"]),
            ({"outcome": "not_stored"}, ["C1"]),
            ({"peer": "LAB", "listener": "adt"}, ["C2"]),
            ({"since": "2027-01-15T08:00:01Z", "until": "2027-01-15T08:00:02Z"}, ["C1"]),
        ):
            answer = await (await client.get(ROOT, params=params)).json()
            assert keys == [each["key"] for each in answer["messages"]], params


async def test_mistakes(tmp_path: Path) -> None:
    """A word that is not known, given twice or not understood is refused by name."""
    async with asked(tmp_path) as client:
        for query, text in (
            ("?colour=red", "colour: is not known; use id,"),
            ("?peer=a&peer=b", "peer: is given twice"),
            ("?limit=many", "limit: is not a number"),
        ):
            reply = await client.get(ROOT + query)
            assert 400 == reply.status
            assert (await reply.json())["error"].startswith(text)


async def test_without_journal(tmp_path: Path) -> None:
    """A gateway without a journal has no messages; a folder that cannot be read is said to be so."""
    async with asked(tmp_path) as client:
        assert [] == (await (await client.get(ROOT)).json())["messages"]
        (tmp_path / "journal").touch()
        reply = await client.get(ROOT)
        assert 503 == reply.status
        assert "the journal cannot be read" in (await reply.json())["error"]
