"""``--strict``: datasets and stores exist only where somebody created them, as in the cloud."""

import sqlite3
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.sandbox.database import Database
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.iam.enforcing import resources_of
from gateway.sandbox.resources import all_stores, datasets


class Strictness:
    """Checks that what a request names was created."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer with a 404 where the dataset or the store was not created."""
        if "dataset" in request.match_info:
            missing = await self._database.run(partial(_missing, resources=resources_of(request.path)))
            if missing:
                raise ApiError(404, f"there is no such {missing}: create it first, or leave --strict out")
        return await handler(request)


def _missing(connection: sqlite3.Connection, resources: list[str]) -> str:
    """Return ``dataset`` or ``store`` where one was not created; empty if all were."""
    _, dataset, *store = resources
    if not datasets.is_made(connection, dataset):
        return "dataset"
    known = {"dicomStores", "hl7V2Stores", "fhirStores"}
    if store and all_stores.kind_of(store[0]) in known and not all_stores.is_made(connection, store[0]):
        return "store"
    return ""
