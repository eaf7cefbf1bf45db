"""What is done with a whole HL7v2 store, over HTTP: import, export, rollback and metrics."""

import sqlite3
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.buckets.folders import Buckets
from gateway.sandbox.clock import now
from gateway.sandbox.hl7v2.managing.exporting import export_messages, read_request
from gateway.sandbox.hl7v2.managing.importing import import_files
from gateway.sandbox.hl7v2.managing.metrics import metrics
from gateway.sandbox.hl7v2.managing.rollback import rollback
from gateway.sandbox.json_bodies import check_keys, read_object, reply_json, text_in
from gateway.sandbox.names import HL7V2_STORE_PATH, Caller, caller, store_name
from gateway.sandbox.operations import records
from gateway.sandbox.operations.running import Work
from gateway.sandbox.place import Place

SERVICE = "hl7v2.Hl7V2Service"


class Hl7v2ManagingApi:
    """The handlers of ``…/hl7V2Stores/{store}:…``."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.post(f"{HL7V2_STORE_PATH}:import", self.import_),
            web.post(f"{HL7V2_STORE_PATH}:export", self.export),
            web.post(f"{HL7V2_STORE_PATH}:rollback", self.rollback),
            web.get(f"{HL7V2_STORE_PATH}:getHL7v2StoreMetrics", self.metrics),
        ]

    async def import_(self, request: web.Request) -> web.Response:
        """Import the messages of the files that a pattern names."""
        asked = await read_object(request)
        check_keys(asked, {"gcsSource"})
        uri = text_in(asked, "gcsSource", "uri")
        self._place.buckets.find(uri)
        store = _store(request)

        def work_of(number: str) -> Work:
            return partial(import_files, self._place, store, uri, number)

        return reply_json(await self._place.begin_named(caller(request), f"{SERVICE}.ImportMessages", work_of))

    async def export(self, request: web.Request) -> web.Response:
        """Export messages to a file or a topic."""
        asked = read_request(await read_object(request))
        if asked.prefix:
            self._place.buckets.check_prefix(asked.prefix)
        work = partial(export_messages, self._place, _store(request), asked)
        return reply_json(await self._place.begin(caller(request), f"{SERVICE}.ExportMessages", work))

    async def rollback(self, request: web.Request) -> web.Response:
        """Undo changes; the answer is an operation, which is done."""
        asked = await read_object(request)
        work = partial(_rollback, store=_store(request), buckets=self._place.buckets, asked=asked, who=caller(request))
        return reply_json(await self._place.database.run(work))

    async def metrics(self, request: web.Request) -> web.Response:
        """Return counts and sizes."""
        store = _store(request)
        found = await self._place.database.run(partial(metrics, store=store))
        return reply_json({"name": store, **({"metrics": found} if found else {})})


def _rollback(
    connection: sqlite3.Connection, store: str, buckets: Buckets, asked: dict[str, Any], who: Caller
) -> dict[str, Any]:
    started = now()
    return records.record(connection, who, rollback(connection, store, buckets, asked), started)


def _store(request: web.Request) -> str:
    return store_name(request, "hl7V2Stores")
