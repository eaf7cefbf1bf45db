"""Opens Cloud Storage over folders, and returns all of its routes."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from aiohttp import web

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.database import Database
from gateway.sandbox.storage.json_api import JsonApi
from gateway.sandbox.storage.store import Store
from gateway.sandbox.storage.uploads_api import UploadsApi
from gateway.sandbox.storage.xml.api import XmlApi
from gateway.sandbox.worker import Worker

LEFTOVERS_SECONDS = 7 * 86400
"""An upload in parts can be resumed for a week, as in Cloud Storage."""


@asynccontextmanager
async def opened_storage(database: Database, own: Path, named: Mapping[str, Path]) -> AsyncIterator[Store]:
    """Open the buckets: folders below *own*, and those that are *named*."""
    worker = Worker("sandbox-objects")
    store = Store(database, worker, Buckets(own, named), own, named)
    try:
        await store.do(partial(store.remove_leftovers, time.time() - LEFTOVERS_SECONDS))
        yield store
    finally:
        worker.close()


def storage_routes(store: Store) -> list[web.RouteDef]:
    """Return the routes of the JSON API and the XML API; the latter takes every path that begins with a bucket."""
    return [*UploadsApi(store).routes(), *JsonApi(store).routes(), *XmlApi(store).routes()]
