"""Load jobs whose file comes with the request: in one request, or in parts that can be resumed."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

from gateway.sandbox.bigquery.jobs_api import MOST_LOAD, JobsApi
from gateway.sandbox.json_bodies import parse, read_object, reply_json
from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.related import Related, boundary_of

RANGE = re.compile(r"bytes (?:(?P<first>\d{1,15})-(?P<last>\d{1,15})|\*)/(?:(?P<total>\d{1,15})|\*)\Z")
MOST_UPLOADS = 16
"""So many uploads may go on at a time; their octets are in memory."""


@dataclass(slots=True)
class _Upload:
    body: dict[str, Any]
    octets: bytearray = field(default_factory=bytearray)


class UploadsApi:
    """The handlers of ``/upload/bigquery/v2/projects/{projectId}/jobs``."""

    def __init__(self, jobs: JobsApi) -> None:
        self._jobs = jobs
        self._uploads: dict[str, _Upload] = {}

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Run a load job with the file in the request, or begin an upload in parts."""
        kind = request.query.get("uploadType")
        if kind == "multipart":
            related, content = Related(boundary_of(request.headers.get("Content-Type", ""))), bytearray()
            async for piece in request.content.iter_chunked(2**20):
                content += related.feed(piece)
                _limit(len(content))
            if not related.is_complete:
                raise ReasonedError(400, "the body ends before the file does")
            return reply_json(await self._jobs.start(request, _object(related.resource), bytes(content)))
        if kind != "resumable":
            raise ReasonedError(400, "uploadType must be multipart or resumable")
        if len(self._uploads) >= MOST_UPLOADS:
            self._uploads.pop(next(iter(self._uploads)))
        identifier = uuid4().hex
        self._uploads[identifier] = _Upload(await read_object(request))
        address = f"{request.url.origin()}/upload{_path(request)}?uploadType=resumable&upload_id={identifier}"
        return web.Response(headers={"Location": address})

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Take the next octets: 308 until the file is complete, and then the job."""
        identifier = request.query.get("upload_id", "")
        upload = self._uploads.get(identifier)
        if upload is None:
            raise ReasonedError(404, "there is no such upload; begin a new one")
        found = RANGE.match(request.headers.get("Content-Range", "bytes 0-0/*"))
        if found is None:
            raise ReasonedError(400, "Content-Range must be bytes FIRST-LAST/TOTAL")
        total = int(found["total"]) if found["total"] else None
        if found["first"] is not None:
            skip = len(upload.octets) - int(found["first"])
            if skip < 0:
                raise ReasonedError(503, "octets before this range did not arrive; ask which did", "backendError")
            async for piece in request.content.iter_chunked(2**20):
                upload.octets += piece[skip:]
                skip = max(0, skip - len(piece))
                _limit(len(upload.octets))
            if "Content-Range" not in request.headers:
                total = len(upload.octets)
        if total is None or len(upload.octets) < total:
            have = len(upload.octets)
            return web.Response(status=308, headers={"Range": f"bytes=0-{have - 1}"} if have else {})
        del self._uploads[identifier]
        return reply_json(await self._jobs.start(request, upload.body, bytes(upload.octets)))


def _limit(count: int) -> None:
    if count > MOST_LOAD:
        raise ReasonedError(400, f"a file to load has at most {MOST_LOAD // 2**20} MiB")


def _object(octets: bytes) -> dict[str, Any]:
    try:
        found = parse(octets)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ReasonedError(400, "the first part of the body must be the job")
    return found


def _path(request: web.Request) -> str:
    return request.path.removeprefix("/resumable").removeprefix("/upload")
