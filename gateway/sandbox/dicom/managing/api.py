"""What is done with a whole DICOM store, over HTTP: import, export, metrics, storage info and storage classes."""

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.clock import now
from gateway.sandbox.dicom.managing import exporting, importing, storage
from gateway.sandbox.dicom.managing.exporting import Export, read_type
from gateway.sandbox.dicom.managing.filters import scopes_in
from gateway.sandbox.dicom.store import Scope
from gateway.sandbox.dicom.tables.exporting import export_rows
from gateway.sandbox.dicom.tables.target import read_target
from gateway.sandbox.dicom.wado import INSTANCE, SERIES, STUDY
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import check_keys, object_in, read_object, reply_json, text_in
from gateway.sandbox.names import DICOM_STORE_PATH, Caller, caller, store_name
from gateway.sandbox.operations import records
from gateway.sandbox.operations.records import Finished
from gateway.sandbox.operations.running import Work
from gateway.sandbox.place import Place

SERVICE = "dicom.DicomService"


class DicomManagingApi:
    """The handlers of ``…/dicomStores/{store}:…``, and of the verbs of studies, series and instances."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        web_path = f"{DICOM_STORE_PATH}/dicomWeb"
        return [
            web.post(f"{DICOM_STORE_PATH}:import", self.import_),
            web.post(f"{DICOM_STORE_PATH}:export", self.export),
            web.get(f"{DICOM_STORE_PATH}:getDICOMStoreMetrics", self.metrics),
            web.post(f"{DICOM_STORE_PATH}:setBlobStorageSettings", self.set_class),
            web.get(f"{web_path}/{STUDY}:getStudyMetrics", self.metrics),
            web.get(f"{web_path}/{SERIES}:getSeriesMetrics", self.metrics),
            web.get(f"{web_path}/{INSTANCE}:getStorageInfo", self.storage_info),
            web.post(f"{web_path}/{STUDY}:setBlobStorageSettings", self.set_class),
        ]

    async def import_(self, request: web.Request) -> web.Response:
        """Import the files that a pattern names."""
        asked = await read_object(request)
        check_keys(asked, {"gcsSource", "blobStorageSettings"})
        uri = text_in(asked, "gcsSource", "uri")
        self._place.buckets.find(uri)
        chosen = storage.class_in(object_in(asked, "blobStorageSettings", {"blobStorageClass"}))
        store = store_name(request, "dicomStores")
        work = partial(importing.import_files, self._place, store, uri, chosen)
        return reply_json(await self._place.begin(caller(request), f"{SERVICE}.ImportDicomData", work))

    async def export(self, request: web.Request) -> web.Response:
        """Export instances to files."""
        asked = await read_object(request)
        check_keys(asked, {"gcsDestination", "bigqueryDestination", "filterConfig"})
        store = store_name(request, "dicomStores")
        scopes = await self._place.worker.run(lambda: scopes_in(asked, store, self._place.buckets))
        if "bigqueryDestination" in asked:
            work: Work = await self._to_table(asked, [Scope(store)] if scopes is None else scopes)
            return reply_json(await self._place.begin(caller(request), f"{SERVICE}.ExportDicomData", work))
        prefix = text_in(asked, "gcsDestination", "uriPrefix")
        self._place.buckets.check_prefix(prefix)
        kind, syntax = read_type(object_in(asked, "gcsDestination", {"uriPrefix", "mimeType"}).get("mimeType", ""))
        work = partial(exporting.export_files, self._place, Export(store, scopes, prefix, kind, syntax))
        return reply_json(await self._place.begin(caller(request), f"{SERVICE}.ExportDicomData", work))

    async def _to_table(self, asked: dict[str, Any], scopes: Sequence[Scope]) -> Work:
        target = read_target(asked)
        tables = await self._place.tables_for(asked, target)
        return partial(export_rows, self._place, tables, scopes, target)

    async def metrics(self, request: web.Request) -> web.Response:
        """Return the numbers of a store, study or series."""
        scope = _scope(request)
        found = await self._place.database.run(partial(storage.metrics, scope=scope))
        key = "name" if scope.study_uid is None else "study" if scope.series_uid is None else "series"
        return reply_json({key: _resource(request), **found})

    async def storage_info(self, request: web.Request) -> web.Response:
        """Return where an instance is stored."""
        found = await self._place.database.run(partial(storage.storage_info, scope=_scope(request)))
        return reply_json({"referencedResource": _resource(request), **found})

    async def set_class(self, request: web.Request) -> web.Response:
        """Set the storage class of a study, or of what a filter names; the answer is an operation, which is done."""
        asked = await read_object(request)
        check_keys(asked, {"resource", "blobStorageSettings", "filterConfig"})
        chosen = storage.class_in(object_in(asked, "blobStorageSettings", {"blobStorageClass"}))
        if not chosen:
            raise ApiError(400, "blobStorageSettings.blobStorageClass is required")
        whole = _scope(request)
        if "filterConfig" in asked and whole.study_uid is not None:
            raise ApiError(400, "filterConfig is for a store, not for a study")
        scopes = await self._place.worker.run(lambda: scopes_in(asked, whole.store, self._place.buckets))
        chosen_scopes = [whole] if scopes is None else list(scopes)
        work = partial(_set_class, scopes=chosen_scopes, storage_class=chosen, who=caller(request))
        return reply_json(await self._place.database.run(work))


def _set_class(connection: sqlite3.Connection, scopes: list[Scope], storage_class: str, who: Caller) -> dict[str, Any]:
    started = now()
    count = sum(storage.set_class(connection, scope, storage_class) for scope in scopes)
    return records.record(connection, who, Finished(f"{SERVICE}.SetBlobStorageSettings", count), started)


def _scope(request: web.Request) -> Scope:
    info = request.match_info
    return Scope(store_name(request, "dicomStores"), info.get("study"), info.get("series"), info.get("instance"))


def _resource(request: web.Request) -> str:
    """Return the name that the path gives, without version and verb."""
    return request.path.removeprefix("/").partition("/")[2].rpartition(":")[0]
