"""A sandbox with a bucket over a folder, and a store without HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.sandbox.database import Database
from gateway.sandbox.server import Sandbox
from gateway.sandbox.storage.routes import opened_storage
from gateway.sandbox.storage.store import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of the bucket ``north``."""
    made = tmp_path / "north"
    made.mkdir()
    return made


@pytest.fixture
async def sandbox(tmp_path: Path, folder: Path) -> AsyncIterator[Sandbox]:
    """Run a sandbox on a free port."""
    async with Sandbox(tmp_path / "data", buckets={"north": folder}) as running:
        yield running


@pytest.fixture
async def opened(tmp_path: Path, folder: Path) -> AsyncIterator[Store]:
    """Open the buckets without a server."""
    own = tmp_path / "own"
    own.mkdir()
    async with Database(tmp_path / "db") as database, opened_storage(database, own, {"north": folder}) as store:
        yield store
