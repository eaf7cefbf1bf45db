"""BigQuery's paths."""

from pathlib import Path

from aiohttp import ClientSession

from gateway.sandbox.bigquery.discovery import METHODS
from gateway.sandbox.bigquery.routes import bigquery_routes, opened_bigquery
from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.server import Sandbox


async def test_every_method_has_a_route(tmp_path: Path) -> None:
    """The discovery document promises what there is."""
    async with opened_bigquery(tmp_path) as catalog:
        found = {(each.method, each.path) for each in bigquery_routes(catalog, Buckets(tmp_path))}
    assert {(method, f"/bigquery/v2/{path}") for _, method, path, *_ in METHODS} <= found


async def test_discovery(sandbox: Sandbox, client: ClientSession) -> None:
    """``bq --api`` asks for the document first."""
    async with client.get(f"{sandbox.url}/$discovery/rest?version=v2") as response:
        assert f"{sandbox.url}/" == (await response.json())["rootUrl"]


async def test_what_is_not_there(sandbox: Sandbox, client: ClientSession) -> None:
    """A method that the sandbox does not have says so."""
    async with client.get(f"{sandbox.url}/bigquery/v2/projects/p/datasets/d/routines") as response:
        assert 501 == response.status
