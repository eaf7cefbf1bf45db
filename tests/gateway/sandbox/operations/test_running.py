"""Operations in progress: how far they are, and how they end."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.database import Database
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import Caller
from gateway.sandbox.operations import records as operations
from gateway.sandbox.operations.running import OFTEN, Progress, Running, Work

DATASET = "projects/p/locations/l/datasets/d"


class Place:
    """A database, and what runs operations."""

    def __init__(self, database: Database, running: Running) -> None:
        self.database, self.running = database, running
        self.closed = asyncio.Event()

    async def begin(self, work: Work) -> str:
        """Begin an operation; return its name."""
        operation = await self.database.run(
            partial(operations.begin, caller=Caller(DATASET, "http://h/v1"), method="x.Y")
        )
        await self.running.start(operation, "type/z", work, self.close)
        return str(operation["name"])

    async def close(self) -> None:
        """Note the end."""
        self.closed.set()

    async def get(self, name: str) -> dict[str, Any]:
        """Return an operation."""
        return await self.database.run(partial(operations.get, dataset=DATASET, identifier=name.rpartition("/")[2]))

    async def ended(self, name: str) -> dict[str, Any]:
        """Return an operation when it has ended."""
        async with asyncio.timeout(30):
            await self.closed.wait()
        return await self.get(name)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Open a database, and run operations."""
    async with Database(tmp_path / "x.sqlite3") as database, Running(database) as running:
        yield Place(database, running)


async def test_progress(place: Place) -> None:
    """The counter is written now and then, and at the end; failures have their reasons in the log."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def work(progress: Progress) -> None:
        progress.pending, progress.report = OFTEN + 2, ["stricter"]
        for number in range(OFTEN):
            await progress.done("why" if number == 3 else None)
        reached.set()
        await go_on.wait()
        await progress.done()

    name = await place.begin(work)
    await reached.wait()
    assert (await place.get(name))["metadata"]["counter"] == {
        "pending": "2",
        "success": str(OFTEN - 1),
        "failure": "1",
    }
    assert "done" not in await place.get(name)
    go_on.set()
    done = await place.ended(name)
    assert (done["done"], done["response"]) == (True, {"@type": "type/z"})
    log = await place.database.run(partial(operations.log_of, identifier=name.rpartition("/")[2]))
    assert log == {"report": ["stricter"], "failures": {"why": 1}}


async def test_cancel(place: Place) -> None:
    """An operation that is cancelled ends with the error of its code; another cancellation changes nothing."""

    async def work(progress: Progress) -> None:
        progress.pending = 1
        await asyncio.Event().wait()

    name = await place.begin(work)
    await place.running.cancel(name)
    done = await place.ended(name)
    assert (done["error"]["code"], done["metadata"]["cancelRequested"]) == (1, True)
    assert done["metadata"]["counter"] == {"pending": "1"}
    await place.running.cancel(name)
    assert await place.get(name) == done


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [(ApiError(400, "it is so"), 9, "it is so"), (ValueError("Erika Musterfrau"), 13, "the sandbox failed")],
)
async def test_errors(place: Place, error: Exception, code: int, message: str) -> None:
    """An error ends the operation; the text of an unexpected one, which may quote a patient, is not told."""

    async def work(_: Progress) -> None:
        raise error

    done = await place.ended(await place.begin(work))
    assert done["error"] == {"code": code, "message": message}


async def test_stopped(tmp_path: Path) -> None:
    """What is in progress when the sandbox stops, or was when it was killed, ends with an error."""

    async def work(_: Progress) -> None:
        await asyncio.Event().wait()

    async with Database(tmp_path / "x.sqlite3") as database:
        async with Running(database) as running:
            place = Place(database, running)
            name = await place.begin(work)
        assert (await place.get(name))["error"]["code"] == 10
        left = await database.run(partial(operations.begin, caller=Caller(DATASET, ""), method="x.Y"))
        async with Running(database) as running:
            place = Place(database, running)
            assert (await place.get(left["name"]))["error"]["code"] == 10
            assert "endTime" in (await place.get(left["name"]))["metadata"]
