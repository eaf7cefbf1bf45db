"""What is done with a whole store, over HTTP: import, export, bulk delete, rollback, and metrics."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from gateway.sandbox.clock import now
from gateway.sandbox.fhir.http import FhirStores, answering, reply
from gateway.sandbox.fhir.managing import operations, stores
from gateway.sandbox.fhir.managing.buckets import Buckets
from gateway.sandbox.fhir.managing.deleting import bulk_delete
from gateway.sandbox.fhir.managing.exporting import export_resources
from gateway.sandbox.fhir.managing.importing import STRUCTURES, import_resources
from gateway.sandbox.fhir.managing.metrics import metrics
from gateway.sandbox.fhir.managing.operations import Finished
from gateway.sandbox.fhir.managing.rollback import rollback
from gateway.sandbox.fhir.managing.stores_api import read_object, reply_json
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import FHIR_STORE_PATH, dataset_name, store_name

T = TypeVar("T")
Work = Callable[[Session], Finished]


class FhirOperationsApi:
    """The handlers of ``…/fhirStores/{store}:…`` and ``$export``."""

    def __init__(self, fhir: FhirStores, buckets: Path) -> None:
        self._fhir = fhir
        self._buckets = Buckets(buckets)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        status = f"{FHIR_STORE_PATH}/operations/{{operation}}"
        return [
            web.post(f"{FHIR_STORE_PATH}:import", self.import_),
            web.post(f"{FHIR_STORE_PATH}:export", self.export),
            web.post(f"{FHIR_STORE_PATH}:bulkDelete", self.bulk_delete),
            web.post(f"{FHIR_STORE_PATH}:rollback", self.rollback),
            web.get(f"{FHIR_STORE_PATH}:getFHIRStoreMetrics", self.metrics),
            web.get(f"{FHIR_STORE_PATH}/fhir/$export", self.bulk_export),
            web.get(status, self.status),
            web.delete(status, self.forget),
        ]

    async def import_(self, request: web.Request) -> web.Response:
        """Import the files that a pattern names."""
        asked = await read_object(request)
        structure = asked.get("contentStructure", "BUNDLE")
        structure = "BUNDLE" if structure == "CONTENT_STRUCTURE_UNSPECIFIED" else structure
        if structure not in STRUCTURES:
            raise ApiError(400, "contentStructure is not known")
        uri = _uri(asked, "gcsSource", "uri")
        return await self._operate(
            request, lambda session: import_resources(session, self._buckets.objects(uri), structure)
        )

    async def export(self, request: web.Request) -> web.Response:
        """Export to files."""
        asked = await read_object(request)
        if "bigqueryDestination" in asked:
            raise ApiError(501, "the sandbox does not export to BigQuery")
        prefix = _uri(asked, "gcsDestination", "uriPrefix")
        return await self._operate(request, lambda session: export_resources(session, self._buckets, prefix, asked))

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """Delete many resources."""
        asked = await read_object(request)
        return await self._operate(request, lambda session: bulk_delete(session, self._buckets, asked))

    async def rollback(self, request: web.Request) -> web.Response:
        """Undo changes."""
        asked = await read_object(request)
        return await self._operate(request, lambda session: rollback(session, self._buckets, asked))

    async def metrics(self, request: web.Request) -> web.Response:
        """Return counts and sizes."""
        found = await self._run(request, metrics)
        return reply_json({"name": store_name(request, "fhirStores"), "metrics": found})

    @answering
    async def bulk_export(self, request: web.Request) -> web.Response:
        """Begin FHIR's bulk export, to the destination of the store's settings."""
        config = await self._fhir.database.run(partial(stores.get, name=store_name(request, "fhirStores")))
        prefix = _uri(config, "bulkExportGcsDestination", "uriPrefix")
        asked = dict(request.query)
        begun = await self._begin(request, lambda session: export_resources(session, self._buckets, prefix, asked))
        identifier = begun["name"].rpartition("/")[2]
        address = f"{request.url.origin()}/v1/{store_name(request, 'fhirStores')}/operations/{identifier}"
        return web.Response(status=202, headers={"Content-Location": address})

    @answering
    async def status(self, request: web.Request) -> web.Response:
        """Return the manifest of a bulk export."""
        operation = await self._operation(request)
        output = operation["response"].get("output", [])
        return reply(
            {
                "transactionTime": operation["metadata"]["createTime"],
                "request": f"{request.url.origin()}/v1/{store_name(request, 'fhirStores')}/fhir/$export",
                "requiresAccessToken": True,
                "output": [{"type": each["type"], "url": each["url"]} for each in output],
                "error": [],
            }
        )

    async def forget(self, request: web.Request) -> web.Response:
        """Forget a bulk export."""
        await self._fhir.database.run(
            partial(operations.delete, dataset=dataset_name(request), identifier=request.match_info["operation"])
        )
        return web.Response(status=202)

    async def _operation(self, request: web.Request) -> dict[str, Any]:
        work = partial(operations.get, dataset=dataset_name(request), identifier=request.match_info["operation"])
        return await self._fhir.database.run(work)

    async def _operate(self, request: web.Request, work: Work) -> web.Response:
        return reply_json(await self._begin(request, work))

    async def _begin(self, request: web.Request, work: Work) -> dict[str, Any]:
        dataset, started = dataset_name(request), now()
        return await self._run(
            request, lambda session: operations.record(session.connection, dataset, work(session), started)
        )

    async def _run(self, request: web.Request, work: Callable[[Session], T]) -> T:
        try:
            return await self._fhir.run(request, work, check=False)
        except FhirError as error:  # these methods are not FHIR: Google's own format
            raise ApiError(error.status, error.diagnostics) from None


def _uri(asked: dict[str, Any], field: str, name: str) -> str:
    part = asked.get(field)
    value = part.get(name) if isinstance(part, dict) else None
    if not isinstance(value, str):
        raise ApiError(400, f"{field}.{name} is required")
    return value
