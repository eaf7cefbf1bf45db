"""A sandbox with a dataset, and what asks it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from gateway.sandbox.bigquery.catalog import Catalog
from gateway.sandbox.server import Sandbox
from gateway.sandbox.worker import Worker

Ask = Callable[..., Awaitable[tuple[int, Any]]]
FIELDS = [{"name": "id", "type": "INTEGER", "mode": "NULLABLE"}, {"name": "name", "type": "STRING", "mode": "NULLABLE"}]


@pytest.fixture
def ask(sandbox: Sandbox, client: ClientSession) -> Ask:
    """Return what sends a request below the project ``p``, and returns status and JSON."""

    async def send(method: str, path: str, body: object = None) -> tuple[int, Any]:
        url = f"{sandbox.url}/bigquery/v2/projects/p/{path}"
        async with client.request(method, url, json=body) as response:
            return response.status, await response.json() if response.content_length else None

    return send


@pytest.fixture
async def table(ask: Ask) -> str:
    """Make a dataset with an empty table; return its path."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
    pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")
    assert 200 == (await ask("POST", "datasets", {"datasetReference": {"datasetId": "lab"}}))[0]
    body = {"tableReference": {"tableId": "t"}, "schema": {"fields": FIELDS}}
    assert 200 == (await ask("POST", "datasets/lab/tables", body))[0]
    return "datasets/lab/tables/t"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Return a catalog without HTTP."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")
    return Catalog(tmp_path / "bigquery", Worker("test-bigquery"))
