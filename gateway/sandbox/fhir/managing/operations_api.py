"""What is done with a whole store, over HTTP: import, export, bulk delete, rollback, and metrics."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from gateway.sandbox.clock import now
from gateway.sandbox.fhir.http import FhirStores
from gateway.sandbox.fhir.managing.deleting import bulk_delete
from gateway.sandbox.fhir.managing.exporting import Chosen, rows_by_type
from gateway.sandbox.fhir.managing.importing import STRUCTURES
from gateway.sandbox.fhir.managing.metrics import metrics
from gateway.sandbox.fhir.managing.moving import export_files, import_files
from gateway.sandbox.fhir.managing.rollback import rollback
from gateway.sandbox.fhir.outcome import FhirError
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.fhir.tables.destination import read_dataset
from gateway.sandbox.fhir.tables.exporting import export_rows
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import check_keys, read_object, reply_json, text_in
from gateway.sandbox.names import FHIR_STORE_PATH, caller, store_name
from gateway.sandbox.operations import records
from gateway.sandbox.operations.records import Finished
from gateway.sandbox.operations.running import Work
from gateway.sandbox.place import Place

T = TypeVar("T")
SERVICE = "fhir.FhirStoreService"


class FhirOperationsApi:
    """The handlers of ``…/fhirStores/{store}:…``."""

    def __init__(self, fhir: FhirStores, place: Place) -> None:
        self._fhir, self._place = fhir, place
        self._buckets = place.buckets

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.post(f"{FHIR_STORE_PATH}:import", self.import_),
            web.post(f"{FHIR_STORE_PATH}:export", self.export),
            web.post(f"{FHIR_STORE_PATH}:bulkDelete", self.bulk_delete),
            web.post(f"{FHIR_STORE_PATH}:rollback", self.rollback),
            web.get(f"{FHIR_STORE_PATH}:getFHIRStoreMetrics", self.metrics),
        ]

    async def import_(self, request: web.Request) -> web.Response:
        """Import the files that a pattern names."""
        asked = await read_object(request)
        check_keys(asked, {"contentStructure", "gcsSource"})
        structure = asked.get("contentStructure", "BUNDLE")
        structure = "BUNDLE" if structure == "CONTENT_STRUCTURE_UNSPECIFIED" else structure
        if structure not in STRUCTURES:
            raise ApiError(400, "contentStructure is not known")
        uri = text_in(asked, "gcsSource", "uri")
        self._buckets.find(uri)
        store = store_name(request, "fhirStores")
        work = partial(import_files, self._place, store, uri, structure)
        return reply_json(await self._place.begin(caller(request), f"{SERVICE}.ImportResources", work))

    async def export(self, request: web.Request) -> web.Response:
        """Export to files, or to tables."""
        asked = await read_object(request)
        check_keys(asked, {"gcsDestination", "bigqueryDestination", "_since", "_type"})
        store, chosen = store_name(request, "fhirStores"), _chosen(asked)
        work = await (self._to_tables if "bigqueryDestination" in asked else self._to_files)(asked, store, chosen)
        return reply_json(await self._place.begin(caller(request), f"{SERVICE}.ExportResources", work))

    async def _to_files(self, asked: dict[str, Any], store: str, chosen: Chosen) -> Work:
        prefix = text_in(asked, "gcsDestination", "uriPrefix")
        self._buckets.check_prefix(prefix)
        return partial(export_files, self._place, store, prefix, partial(rows_by_type, chosen=chosen), "")

    async def _to_tables(self, asked: dict[str, Any], store: str, chosen: Chosen) -> Work:
        dataset = read_dataset(asked)
        tables = await self._place.tables_for(asked, dataset.table("Patient"))  # any type: the dataset is looked for
        return partial(export_rows, self._place, tables, store, dataset, chosen)

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

    async def _operate(self, request: web.Request, work: Callable[[Session], Finished]) -> web.Response:
        who, started = caller(request), now()
        return reply_json(
            await self._run(request, lambda session: records.record(session.connection, who, work(session), started))
        )

    async def _run(self, request: web.Request, work: Callable[[Session], T]) -> T:
        try:
            return await self._fhir.run(request, work, check=False)
        except FhirError as error:  # these methods are not FHIR: Google's own format
            raise ApiError(error.status, error.diagnostics) from None


def _chosen(asked: dict[str, Any]) -> Chosen:
    try:
        return Chosen.read(asked)
    except FhirError as error:
        raise ApiError(error.status, error.diagnostics) from None
