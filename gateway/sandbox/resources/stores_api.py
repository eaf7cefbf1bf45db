"""DICOM and HL7v2 stores as resources over HTTP: create, get, list, patch, delete."""

import sqlite3
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import read_object, reply_json
from gateway.sandbox.names import IDENTIFIER, STORE_PATH, STORES_PATH, dataset_name, store_name
from gateway.sandbox.place import Place
from gateway.sandbox.resources import all_stores
from gateway.sandbox.resources.masks import patched, read_mask
from gateway.sandbox.resources.paging import page_of
from gateway.sandbox.resources.store_settings import FIELDS, IDS, check
from gateway.sandbox.stores import read_store, write_store


class StoresApi:
    """The handlers of ``…/hl7V2Stores`` and ``…/dicomStores``."""

    def __init__(self, place: Place) -> None:
        self._database, self._root = place.database, place.root
        self._can_stream = place.streams.is_possible

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.post(STORES_PATH, self.create),
            web.get(STORES_PATH, self.list),
            web.get(STORE_PATH, self.get),
            web.patch(STORE_PATH, self.patch),
            web.delete(STORE_PATH, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Create a store with its settings; a request without a body has none."""
        kind = request.match_info["kind"]
        identifier = request.query.get(IDS[kind], "")
        if not IDENTIFIER.fullmatch(identifier):
            raise ApiError(
                400, f"{IDS[kind]} must name the store: letters, digits, dots, dashes, underscores, up to 200"
            )
        settings = check(kind, await read_object(request), can_stream=self._can_stream)
        name = f"{dataset_name(request)}/{kind}/{identifier}"
        return reply_json(await self._database.run(partial(_create, name=name, settings=settings)))

    async def list(self, request: web.Request) -> web.Response:
        """Return a page of the stores of a dataset."""
        kind = request.match_info["kind"]
        found = await self._database.run(partial(_list, above=f"{dataset_name(request)}/{kind}/"))
        return reply_json(page_of(request, kind, found))

    async def get(self, request: web.Request) -> web.Response:
        """Return a store."""
        return reply_json(await self._database.run(partial(_get, name=_name(request))))

    async def patch(self, request: web.Request) -> web.Response:
        """Change the settings that ``updateMask`` names."""
        kind = request.match_info["kind"]
        settings = check(kind, await read_object(request), can_stream=self._can_stream)
        fields = read_mask(request, FIELDS[kind])
        return reply_json(
            await self._database.run(partial(_patch, name=_name(request), settings=settings, fields=fields))
        )

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a store with everything in it."""
        await self._database.run(partial(_delete, root=self._root, name=_name(request)))
        return reply_json({})


def _name(request: web.Request) -> str:
    return store_name(request, request.match_info["kind"])


def _get(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    return {"name": name, **read_store(connection, name)}


def _create(connection: sqlite3.Connection, name: str, settings: dict[str, Any]) -> dict[str, Any]:
    if all_stores.is_made(connection, name):
        raise ApiError(409, "the store exists")
    write_store(connection, name, settings)
    return _get(connection, name)


def _list(connection: sqlite3.Connection, above: str) -> list[dict[str, Any]]:
    return [_get(connection, name) for name in all_stores.names(connection, above)]


def _patch(connection: sqlite3.Connection, name: str, settings: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    write_store(connection, name, patched(read_store(connection, name), settings, fields))
    return _get(connection, name)


def _delete(connection: sqlite3.Connection, root: Any, name: str) -> None:
    if not all_stores.is_there(connection, name):
        raise ApiError(404, "there is no such store")
    all_stores.delete(connection, root, name)
