"""``:deidentify`` of datasets, DICOM stores and FHIR stores over HTTP."""

import sqlite3
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.deidentifying import stores
from gateway.sandbox.deidentifying.asked import Asked, Kind, read_request
from gateway.sandbox.deidentifying.work import deidentify
from gateway.sandbox.dicom.stow import incoming_folder
from gateway.sandbox.json_bodies import read_object, reply_json
from gateway.sandbox.names import (
    DATASET_PATH,
    DICOM_STORE_PATH,
    FHIR_STORE_PATH,
    Caller,
    caller,
    dataset_name,
    store_name,
)
from gateway.sandbox.operations import records
from gateway.sandbox.place import Place
from gateway.sandbox.resources import all_stores

TYPES = "type.googleapis.com/google.cloud.healthcare.v1"
METHODS: Mapping[Kind, str] = {
    "datasets": "dataset.DatasetService.DeidentifyDataset",
    "dicomStores": "deidentify.DeidentifyService.DeidentifyDicomStore",
    "fhirStores": "deidentify.DeidentifyService.DeidentifyFhirStore",
}
"""As the documentation of the RPCs names them; that of v1beta1, which has the same methods, has the last two."""
RESPONSES: Mapping[Kind, str] = {
    "datasets": f"{TYPES}.deidentify.DeidentifySummary",
    "dicomStores": f"{TYPES}.deidentify.DeidentifyDicomStoreSummary",
    "fhirStores": f"{TYPES}.deidentify.DeidentifyFhirStoreSummary",
}
"""The names of the messages are those of the discovery document, their package is that of the RPCs."""


class DeidentifyApi:
    """The handlers of ``:deidentify``: each begins an operation and answers at once."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.post(f"{DATASET_PATH}:deidentify", self.dataset),
            web.post(f"{DICOM_STORE_PATH}:deidentify", self.dicom_store),
            web.post(f"{FHIR_STORE_PATH}:deidentify", self.fhir_store),
        ]

    async def dataset(self, request: web.Request) -> web.Response:
        """De-identify the DICOM and FHIR stores of a dataset into a new one."""
        return await self._begin("datasets", dataset_name(request), request)

    async def dicom_store(self, request: web.Request) -> web.Response:
        """De-identify instances into another store."""
        return await self._begin("dicomStores", store_name(request, "dicomStores"), request)

    async def fhir_store(self, request: web.Request) -> web.Response:
        """De-identify resources into another store."""
        return await self._begin("fhirStores", store_name(request, "fhirStores"), request)

    async def _begin(self, kind: Kind, source: str, request: web.Request) -> web.Response:
        from gateway.sandbox.deidentifying.engine import open_engine  # noqa: PLC0415  it imports all kinds

        place = self._place
        body = await read_object(request)
        asked = await place.worker.run(lambda: read_request(kind, source, body, place.buckets))
        engine = await open_engine(incoming_folder(place.root), asked.config, place.worker)
        begun = time.time_ns() // 1000
        recording = partial(_record, asked=asked, kind=kind, who=caller(request))
        try:
            operation, pairs = await place.database.run(recording)
        except BaseException:
            await engine.close()
            raise
        work = partial(deidentify, place, asked, pairs, engine, begun)
        await place.running.start(operation, RESPONSES[kind], work, engine.close)
        return reply_json(operation)


def _record(
    connection: sqlite3.Connection, asked: Asked, kind: Kind, who: Caller
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Check or make the destination and record the operation; return it, and each source with its destination."""
    if kind == "datasets":
        stores.make_dataset(connection, asked)
        names = all_stores.names(connection, f"{asked.source}/")
        pairs = [(name, asked.destination + name.removeprefix(asked.source)) for name in names]
    else:
        stores.check_stores(connection, asked)
        pairs = [(asked.source, asked.destination)]
    return records.begin(connection, who, METHODS[kind]), pairs
