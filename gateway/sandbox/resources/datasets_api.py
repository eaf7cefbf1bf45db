"""``…/datasets`` over HTTP."""

import sqlite3
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.clock import now
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import read_object, reply_json
from gateway.sandbox.names import (
    DATASET_PATH,
    DATASETS_PATH,
    IDENTIFIER,
    Caller,
    api_url,
    dataset_name,
    location_name,
)
from gateway.sandbox.operations import records
from gateway.sandbox.operations.records import Finished
from gateway.sandbox.place import Place
from gateway.sandbox.resources import datasets
from gateway.sandbox.resources.masks import patched, read_mask
from gateway.sandbox.resources.paging import page_of


class DatasetsApi:
    """The handlers of ``…/datasets`` and ``…/datasets/{dataset}``."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._database = place.database

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.post(DATASETS_PATH, self.create),
            web.get(DATASETS_PATH, self.list),
            web.get(DATASET_PATH, self.get),
            web.patch(DATASET_PATH, self.patch),
            web.delete(DATASET_PATH, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Create a dataset; the answer is an operation, which is done."""
        identifier = request.query.get("datasetId", "")
        if not IDENTIFIER.fullmatch(identifier):
            raise ApiError(
                400, "datasetId must name the dataset: letters, digits, dots, dashes, underscores, up to 200"
            )
        settings = datasets.check(await read_object(request))
        name = f"{location_name(request)}/datasets/{identifier}"
        work = partial(_create, name=name, settings=settings, who=Caller(name, api_url(request)))
        return reply_json(await self._database.run(work))

    async def list(self, request: web.Request) -> web.Response:
        """Return a page of the datasets of a location."""
        found = await self._database.run(partial(datasets.find_all, location=location_name(request)))
        return reply_json(page_of(request, "datasets", found))

    async def get(self, request: web.Request) -> web.Response:
        """Return a dataset."""
        return reply_json(await self._database.run(partial(datasets.get, name=dataset_name(request))))

    async def patch(self, request: web.Request) -> web.Response:
        """Change the settings that ``updateMask`` names."""
        settings = datasets.check(await read_object(request))
        fields = read_mask(request, {"timeZone"})
        work = partial(_patch, name=dataset_name(request), settings=settings, fields=fields)
        return reply_json(await self._database.run(work))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a dataset with everything in it; operations in it that are in progress are ended."""
        name = dataset_name(request)
        await self._place.running.stop_below(f"{name}/")
        await self._database.run(partial(datasets.delete, root=self._place.root, name=name))
        return reply_json({})


def _create(connection: sqlite3.Connection, name: str, settings: dict[str, Any], who: Caller) -> dict[str, Any]:
    made = datasets.create(connection, name, settings)
    done = Finished("dataset.DatasetService.CreateDataset", 0, response=made)
    operation = records.record(connection, who, done, now())
    # The response of this operation is the dataset itself.
    kind = f"type.googleapis.com/google.cloud.healthcare.{who.version}.dataset.Dataset"
    records.set_response(connection, operation["name"], {"@type": kind, **made})
    return operation


def _patch(connection: sqlite3.Connection, name: str, settings: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    before = {key: value for key, value in datasets.get(connection, name).items() if key != "name"}
    return datasets.write(connection, name, patched(before, settings, fields))
