"""FHIR's bulk export over HTTP: ``$export`` of a store and of a group, and the status of each."""

from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.fhir.http import answering, reply
from gateway.sandbox.fhir.managing import stores
from gateway.sandbox.fhir.managing.exporting import Chosen, rows_by_type
from gateway.sandbox.fhir.managing.group_export import rows_of_group
from gateway.sandbox.fhir.managing.moving import export_files
from gateway.sandbox.fhir.managing.stores import open_session
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.json_bodies import text_in
from gateway.sandbox.names import FHIR_STORE_PATH, api_url, caller, dataset_name, fhir_url, store_name
from gateway.sandbox.operations import records
from gateway.sandbox.place import Place

FORMATS = {"", "application/fhir+ndjson", "application/ndjson", "ndjson"}
Choose = Callable[[Session], dict[str, list[int]]]


class FhirBulkApi:
    """The handlers of ``…/fhir/$export``, ``…/fhir/Group/{id}/$export`` and ``…/fhirStores/{store}/operations``."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        status = f"{FHIR_STORE_PATH}/operations/{{operation}}"
        return [
            web.get(f"{FHIR_STORE_PATH}/fhir/$export", self.whole),
            web.get(f"{FHIR_STORE_PATH}/fhir/Group/{{id}}/$export", self.group),
            web.get(status, self.status),
            web.delete(status, self.forget),
        ]

    @answering
    async def whole(self, request: web.Request) -> web.Response:
        """Begin the export of a store, to the destination of the store's settings."""
        return await self._begin(request, partial(rows_by_type, chosen=Chosen.read(_query(request))))

    @answering
    async def group(self, request: web.Request) -> web.Response:
        """Begin the export of the members of a group."""
        if request.query.get("organizeOutputBy") != "Patient":
            raise FhirError(400, "value", "invalid_parameter", "organizeOutputBy is required, and must be Patient")
        choose = partial(rows_of_group, identifier=request.match_info["id"], chosen=Chosen.read(_query(request)))
        store = store_name(request, "fhirStores")
        # A group that is not there is an error now, and no operation.
        await self._place.database.run(lambda connection: choose(open_session(connection, store, self._place.options)))
        return await self._begin(request, choose)

    async def _begin(self, request: web.Request, choose: Choose) -> web.Response:
        store = store_name(request, "fhirStores")
        config = await self._place.database.run(partial(stores.get, name=store))
        prefix = text_in(config, "bulkExportGcsDestination", "uriPrefix")
        self._place.buckets.check_prefix(prefix)
        # The names of the files begin with the number of the operation, which is known when it is recorded.
        operation = await self._place.begin_named(
            caller(request),
            "fhir.FhirStoreService.ExportResources",
            lambda identifier: partial(export_files, self._place, store, prefix, choose, f"{identifier}_"),
        )
        identifier = operation["name"].rpartition("/")[2]
        address = f"{api_url(request)}/{store}/operations/{identifier}"
        return web.Response(status=202, headers={"Content-Location": address})

    @answering
    async def status(self, request: web.Request) -> web.Response:
        """Return the manifest of a bulk export that is done; before, a 202 without a body."""
        work = partial(records.get, dataset=dataset_name(request), identifier=request.match_info["operation"])
        operation = await self._place.database.run(work)
        if not operation.get("done"):
            return web.Response(status=202, headers={"X-Progress": "in progress"})
        if "error" in operation:
            raise FhirError(500, "exception", "export_failed", operation["error"]["message"])
        output = operation["response"].get("output", [])
        return reply(
            {
                "transactionTime": operation["metadata"]["createTime"],
                "request": f"{fhir_url(request)}/$export",
                "requiresAccessToken": True,
                "output": [{"type": each["type"], "url": each["url"]} for each in output],
                "error": [],
            }
        )

    async def forget(self, request: web.Request) -> web.Response:
        """Forget a bulk export, and end it if it is in progress."""
        dataset, identifier = dataset_name(request), request.match_info["operation"]
        await self._place.database.run(partial(records.get, dataset=dataset, identifier=identifier))
        await self._place.running.stop(f"{dataset}/operations/{identifier}")
        await self._place.database.run(partial(records.delete, dataset=dataset, identifier=identifier))
        return web.Response(status=202)


def _query(request: web.Request) -> dict[str, Any]:
    kind = request.query.get("_outputFormat", request.query.get("outputFormat", ""))
    if kind not in FORMATS:
        raise FhirError(400, "not-supported", "invalid_parameter", "only application/fhir+ndjson is available")
    return dict(request.query)
