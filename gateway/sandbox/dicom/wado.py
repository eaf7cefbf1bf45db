"""WADO-RS: returns instances and their metadata as stored (PS3.18 10.4); and DELETE, which DICOMweb does not have."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from gateway.sandbox.clock import now
from gateway.sandbox.database import Database
from gateway.sandbox.dicom import store as dicom_store
from gateway.sandbox.dicom.json_model import MEDIA_TYPE, require_json
from gateway.sandbox.dicom.media_type import MediaType, parse_accept
from gateway.sandbox.dicom.store import Scope, StoredInstance
from gateway.sandbox.dicom.upload import APPLICATION_DICOM
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import reply_json
from gateway.sandbox.names import DICOM_STORE_PATH, Caller, caller, store_name
from gateway.sandbox.operations import records
from gateway.sandbox.operations.records import Finished
from gateway.sandbox.worker import Worker

CHUNK = 1024 * 1024
STUDY = "studies/{study:[0-9.]+}"
SERIES = STUDY + "/series/{series:[0-9.]+}"
INSTANCE = SERIES + "/instances/{instance:[0-9.]+}"


class WadoApi:
    """The handlers of ``GET`` and ``DELETE`` on a study, a series, an instance. Nothing is transcoded."""

    def __init__(self, database: Database, worker: Worker, root: Path) -> None:
        self._database = database
        self._worker = worker
        self._root = root

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        paths = [f"{DICOM_STORE_PATH}/dicomWeb/{resource}" for resource in (STUDY, SERIES, INSTANCE)]
        return [
            *(web.get(path, self.retrieve) for path in paths),
            *(web.get(f"{path}/metadata", self.metadata) for path in paths),
            *(web.delete(path, self.delete) for path in paths),
        ]

    async def retrieve(self, request: web.Request) -> web.StreamResponse:
        """Send the files of the study, series or instance that the path names."""
        instances = await self._find(request)
        single = "instance" in request.match_info
        for accepted in parse_accept(request.headers.get("Accept", "")):
            if not _is_in(accepted, instances):
                continue
            if single and accepted.name == APPLICATION_DICOM:
                return _whole_file(instances[0])
            if _is_multipart(accepted):
                return await self._send_parts(request, instances)
        raise ApiError(406, "only application/dicom in the transfer syntax of the stored instance is available here")

    async def metadata(self, request: web.Request) -> web.Response:
        """Return the data sets without bulk data."""
        require_json(request)
        instances = await self._find(request)
        body = "[" + ",".join(instance.metadata for instance in instances) + "]"
        return web.Response(body=body.encode(), content_type=MEDIA_TYPE)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete what the path names, at once. For a study or series the answer is an operation, which is done."""
        work = partial(_delete, root=self._root, scope=_scope(request), who=caller(request))
        return reply_json(await self._database.run(work))

    async def _find(self, request: web.Request) -> list[StoredInstance]:
        found = await self._database.run(partial(dicom_store.find, root=self._root, scope=_scope(request)))
        if not found:
            raise ApiError(404, "there is no such study, series or instance")
        return found

    async def _send_parts(self, request: web.Request, instances: list[StoredInstance]) -> web.StreamResponse:
        boundary = uuid4().hex
        heads = [_head(boundary, instance) for instance in instances]
        tail = f"\r\n--{boundary}--\r\n".encode()
        response = web.StreamResponse()
        response.headers["Content-Type"] = f'multipart/related; type="{APPLICATION_DICOM}"; boundary={boundary}'
        # With a Content-Length, a client notices a truncated reply.
        response.content_length = sum(map(len, heads)) + sum(each.size for each in instances) + len(tail)
        await response.prepare(request)
        try:
            for head, instance in zip(heads, instances, strict=True):
                await response.write(head)
                await self._send_file(response, instance.path)
            await response.write(tail)
        except OSError:
            # The status is already sent; only an aborted connection can tell the client that the reply is incomplete.
            if request.transport is not None:
                request.transport.abort()
            raise
        return response

    async def _send_file(self, response: web.StreamResponse, path: Path) -> None:
        file = await self._worker.run(lambda: path.open("rb"))
        try:
            while chunk := await self._worker.run(partial(file.read, CHUNK)):
                await response.write(chunk)
        finally:
            file.close()


def _delete(connection: sqlite3.Connection, root: Path, scope: Scope, who: Caller) -> dict[str, Any]:
    started = now()
    count = dicom_store.delete(connection, root, scope)
    if not count:
        raise ApiError(404, "there is no such study, series or instance")
    if scope.sop_uid is not None:
        return {}
    what = "DeleteStudy" if scope.series_uid is None else "DeleteSeries"
    return records.record(connection, who, Finished(f"dicomweb.DicomWebService.{what}", count), started)


def _scope(request: web.Request) -> Scope:
    info = request.match_info
    return Scope(store_name(request, "dicomStores"), info["study"], info.get("series"), info.get("instance"))


def _is_in(accepted: MediaType, instances: list[StoredInstance]) -> bool:
    """Return whether all *instances* have the requested transfer syntax; without one, any is acceptable."""
    wanted = accepted.get("transfer-syntax") or "*"
    return wanted == "*" or {wanted} == {instance.transfer_syntax_uid for instance in instances}


def _is_multipart(accepted: MediaType) -> bool:
    kind = (accepted.get("type") or APPLICATION_DICOM).lower()
    return accepted.name in ("multipart/related", "multipart/*", "*/*") and kind == APPLICATION_DICOM


def _part_type(instance: StoredInstance) -> str:
    return f"{APPLICATION_DICOM}; transfer-syntax={instance.transfer_syntax_uid}"


def _whole_file(instance: StoredInstance) -> web.FileResponse:
    return web.FileResponse(instance.path, headers={"Content-Type": _part_type(instance)})


def _head(boundary: str, instance: StoredInstance) -> bytes:
    return (
        f"\r\n--{boundary}\r\nContent-Type: {_part_type(instance)}\r\nContent-Length: {instance.size}\r\n\r\n"
    ).encode()
