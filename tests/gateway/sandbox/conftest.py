"""A running sandbox with a client, what stores files in it, and a database in memory."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.sandbox.database import SCHEMA
from gateway.sandbox.server import Sandbox
from tests.gateway.sandbox.operations_client import Api
from tests.gateway.sandbox.stow_client import Store


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Run a sandbox on a free port."""
    async with Sandbox(tmp_path / "data") as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    """Open an HTTP client."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """Open a database as the sandbox sets it up, in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    yield connection
    connection.close()


@pytest.fixture
def store(sandbox: Sandbox, client: ClientSession) -> Store:
    """Return what sends files to the sandbox's DICOM store."""
    return Store(sandbox, client)


@pytest.fixture
def api(sandbox: Sandbox, client: ClientSession, tmp_path: Path) -> Api:
    """Return what begins operations and waits for them."""
    return Api(sandbox, client, tmp_path / "data")
