"""Uploads by the JSON API: in one request (``media``, ``multipart``), and in parts that can be resumed."""

import json
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from gateway.sandbox.json_bodies import read_object
from gateway.sandbox.json_bodies import reply_json as reply
from gateway.sandbox.reasoned_error import ReasonedError, with_reasons
from gateway.sandbox.storage import files, records
from gateway.sandbox.storage.digests import CHUNK, Digests, digests_of, hashes_of
from gateway.sandbox.storage.records import Upload
from gateway.sandbox.storage.related import Related, boundary_of
from gateway.sandbox.storage.resources import conditions_of, object_resource
from gateway.sandbox.storage.rules import check_key
from gateway.sandbox.storage.store import Conditions, Store, Stored

PATH = "/upload/storage/v1/b/{bucket}/o"
RANGE = re.compile(r"bytes (?:(?P<first>\d{1,18})-(?P<last>\d{1,18})|\*)/(?:(?P<total>\d{1,18})|\*)\Z")


class UploadsApi:
    """The handlers of ``/upload/storage/v1``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application; ``gcloud`` has a path of its own for uploads in parts."""
        return [
            web.route(method, path, with_reasons(handler))
            for path in (PATH, f"/resumable{PATH}")
            for method, handler in (("POST", self.post), ("PUT", self.put), ("DELETE", self.cancel))
        ]

    async def post(self, request: web.Request) -> web.Response:
        """Take an object, or begin an upload in parts."""
        match request.query.get("uploadType"):
            case "media":
                resource = {"contentType": request.headers.get("Content-Type", records.OCTETS), **_hashes(request)}
                made = await self._whole(request, resource, request.content.iter_chunked(CHUNK))
                return reply(object_resource(made, str(request.url.origin())))
            case "multipart":
                return await self._multipart(request)
            case "resumable":
                return await self._begin(request)
        raise ReasonedError(400, "uploadType must be media, multipart or resumable")

    async def _multipart(self, request: web.Request) -> web.Response:
        body = Related(boundary_of(request.headers.get("Content-Type", "")))
        pieces = request.content.iter_chunked(CHUNK)
        first = b""
        async for piece in pieces:
            first = body.feed(piece)
            if body.resource or first or body.is_complete:
                break
        resource = _resource(body.resource)
        resource.setdefault("contentType", body.content_type or records.OCTETS)

        async def content() -> AsyncIterator[bytes]:
            yield first
            async for piece in pieces:
                yield body.feed(piece)
            if not body.is_complete:
                raise ReasonedError(400, "the body ends before the content of the object does")

        made = await self._whole(request, {**resource, **_hashes(request)}, content())
        return reply(object_resource(made, str(request.url.origin())))

    async def _whole(self, request: web.Request, resource: dict[str, Any], chunks: AsyncIterator[bytes]) -> Stored:
        bucket, key = request.match_info["bucket"], check_key(request.query.get("name") or resource.get("name"))
        part, digests = await self._store.begin(bucket), Digests()
        try:
            await self._store.receive(part, chunks, digests)
        except BaseException:
            await self._store.do(partial(part.unlink, missing_ok=True))
            raise
        return await self._store.finish(bucket, key, part, digests, resource, conditions_of(request.query))

    async def _begin(self, request: web.Request) -> web.Response:
        resource = await read_object(request)
        bucket, key = request.match_info["bucket"], check_key(request.query.get("name") or resource.get("name"))
        conditions = conditions_of(request.query)
        if conditions != Conditions():
            conditions.check(await self._store.find(bucket, key))
        if "X-Upload-Content-Type" in request.headers:
            resource.setdefault("contentType", request.headers["X-Upload-Content-Type"])
        kept = {"object": {**resource, **_hashes(request)}, "query": dict(request.query)}
        upload = Upload(uuid4().hex, bucket, key, kept)
        await self._store.begin(bucket, upload.id)
        await self._store.uploads(partial(records.write_upload, upload=upload))
        address = f"{request.url.origin()}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={upload.id}"
        return web.Response(headers={"Location": address, "X-GUploader-UploadID": upload.id})

    async def put(self, request: web.Request) -> web.Response:
        """Take the next octets of an upload in parts, or say how many there are: 308 until it is complete."""
        upload, part = await self._upload(request)
        have = (await self._store.do(part.stat)).st_size
        first, total = _wanted(request)
        if first is not None:
            if first > have:
                raise ReasonedError(503, "octets before this range did not arrive; ask which did", "backendError")
            await self._store.receive(part, _without(request, have - first))
            have = (await self._store.do(part.stat)).st_size
            if "Content-Range" not in request.headers:
                total = have
        if total is None or have < total:
            await self._store.do(partial(files.sync, part))
            return _incomplete(have)
        if have > total:
            raise ReasonedError(400, "more octets arrived than the upload has in all")
        return await self._finish(request, upload, part)

    async def _finish(self, request: web.Request, upload: Upload, part: Path) -> web.Response:
        digests = await self._store.do(partial(digests_of, part))
        resource, conditions = upload.resource["object"], conditions_of(upload.resource["query"])
        resource = {**resource, **_hashes(request)}
        await self._store.uploads(partial(records.remove_upload, identifier=upload.id))
        made = await self._store.finish(upload.bucket, upload.name, part, digests, resource, conditions)
        return reply(object_resource(made, str(request.url.origin())))

    async def cancel(self, request: web.Request) -> web.Response:
        """Forget an upload in parts."""
        upload, part = await self._upload(request)
        await self._store.uploads(partial(records.remove_upload, identifier=upload.id))
        await self._store.do(partial(part.unlink, missing_ok=True))
        return web.Response(status=499)  # as Cloud Storage answers

    async def _upload(self, request: web.Request) -> tuple[Upload, Path]:
        identifier = request.query.get("upload_id", "")
        upload = await self._store.uploads(partial(records.read_upload, identifier=identifier))
        if upload is None or upload.bucket != request.match_info["bucket"]:
            raise ReasonedError(404, "there is no such upload; begin a new one")
        part = await self._store.folder(upload.bucket) / f".{upload.id}.part"
        if not await self._store.do(part.is_file):
            raise ReasonedError(404, "what had arrived of this upload is gone; begin a new one")
        return upload, part


def _incomplete(have: int) -> web.Response:
    headers = {"Range": f"bytes=0-{have - 1}"} if have else {}
    return web.Response(status=308, headers=headers)


async def _without(request: web.Request, count: int) -> AsyncIterator[bytes]:
    """Yield the octets of a request but for the first *count*, which arrived before."""
    async for chunk in request.content.iter_chunked(CHUNK):
        if chunk[count:]:
            yield chunk[count:]
        count = max(0, count - len(chunk))


def _wanted(request: web.Request) -> tuple[int | None, int | None]:
    """Return the first octet of what comes (None: nothing comes) and the size of the object (None: not known yet)."""
    header = request.headers.get("Content-Range")
    if header is None:  # everything in one request
        return 0, None
    found = RANGE.match(header)
    if found is None:
        raise ReasonedError(400, "Content-Range must be bytes FIRST-LAST/TOTAL, where * stands for what is not known")
    return _number(found["first"]), _number(found["total"])


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _hashes(request: web.Request) -> dict[str, str]:
    found = hashes_of(",".join(request.headers.getall("X-Goog-Hash", [])))
    return {key: found[name] for key, name in (("crc32c", "crc32c"), ("md5Hash", "md5")) if name in found}


def _resource(octets: bytes) -> dict[str, Any]:
    try:
        found = json.loads(octets)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ReasonedError(400, "the first part of the body must be the resource of the object")
    return found
