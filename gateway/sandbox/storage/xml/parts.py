"""Uploads in parts by the XML API and S3: begin, put parts in any order, complete or abort."""

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage import files, records
from gateway.sandbox.storage.digests import CHUNK, Digests
from gateway.sandbox.storage.records import Upload
from gateway.sandbox.storage.rules import check_key
from gateway.sandbox.storage.store import Conditions, Store, Stored
from gateway.sandbox.storage.xml import bodies

LEAST_PART = 5 * 1024 * 1024
"""Octets of each part but the last one; S3 and Cloud Storage refuse smaller ones."""
MOST_PARTS = 10_000


class PartsApi:
    """What the handlers of objects do with ``uploads`` and ``uploadId``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, request: web.Request, resource: dict[str, Any]) -> web.Response:
        """Begin an upload."""
        bucket, key = request.match_info["bucket"], check_key(request.match_info["key"])
        await self._store.folder(bucket)
        wanted = {name: value for name, value in resource.items() if name not in {"md5Hash", "crc32c"}}
        upload = Upload(uuid4().hex, bucket, key, {"object": wanted, "parts": {}})
        await self._store.uploads(partial(records.write_upload, upload=upload))
        fields = [("Bucket", bucket), ("Key", key), ("UploadId", upload.id)]
        return _xml(bodies.simple("InitiateMultipartUploadResult", fields))

    async def put(self, request: web.Request) -> web.Response:
        """Take a part; one that was sent before is replaced."""
        number = request.query.get("partNumber", "")
        if not number.isdecimal() or not 1 <= int(number[:6]) <= MOST_PARTS:
            raise ReasonedError(400, f"partNumber must be 1 to {MOST_PARTS}")
        if request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
            raise ReasonedError(501, "bodies in aws-chunked are not supported; send the checksum in a header")
        upload = await self._upload(request)
        name, sha256, md5 = uuid4().hex, hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        part = await self._store.begin(upload.bucket, name)

        async def chunks() -> AsyncIterator[bytes]:
            async for chunk in request.content.iter_chunked(CHUNK):
                sha256.update(chunk)
                md5.update(chunk)
                yield chunk

        try:
            size = await self._store.receive(part, chunks())
            told, wanted = request.headers.get("x-amz-content-sha256", ""), request.headers.get("Content-MD5")
            is_so = base64.b64encode(md5.digest()).decode()
            if (len(told) == 64 and told.lower() != sha256.hexdigest()) or wanted not in (None, is_so):
                raise ReasonedError(400, "the octets that arrived do not have the digest that was sent", "BadDigest")
            add = partial(_add_part, identifier=upload.id, number=number, part=[name, md5.hexdigest(), size])
            old = await self._store.uploads(add)
        except BaseException:
            await self._store.do(partial(part.unlink, missing_ok=True))
            raise
        if old is not None:
            await self._remove(part.parent, [old])
        return web.Response(headers={"ETag": f'"{md5.hexdigest()}"'})

    async def show(self, request: web.Request) -> web.Response:
        """Return the parts that have arrived."""
        upload = await self._upload(request)
        rows = "".join(
            f'<Part><PartNumber>{number}</PartNumber><ETag>"{md5}"</ETag><Size>{size}</Size></Part>'
            for number, (_, md5, size) in sorted(upload.resource["parts"].items(), key=lambda each: int(each[0]))
        )
        names = f"<Bucket>{upload.bucket}</Bucket><Key>{bodies.text(upload.name)}</Key>"
        head = f"{names}<UploadId>{upload.id}</UploadId><IsTruncated>false</IsTruncated>"
        return _xml(f"{bodies.HEAD}<ListPartsResult {bodies.SPACE}>{head}{rows}</ListPartsResult>")

    async def complete(self, request: web.Request, conditions: Conditions) -> Stored:
        """Make the object of the parts that the request names, in their order."""
        upload = await self._upload(request)
        chosen = _chosen(upload, bodies.read_xml(await request.read()))
        folder = await self._store.folder(upload.bucket)
        whole, digests = await self._store.begin(upload.bucket), Digests()
        try:
            for name, _, _ in chosen:
                await self._store.receive(whole, self._content(folder / f".{name}.part"), digests)
        except BaseException:
            await self._store.do(partial(whole.unlink, missing_ok=True))
            raise
        resource = upload.resource["object"]
        made = await self._store.finish(upload.bucket, upload.name, whole, digests, resource, conditions)
        await self._forget(upload)
        return made

    async def abort(self, request: web.Request) -> web.Response:
        """Forget an upload with its parts."""
        await self._forget(await self._upload(request))
        return web.Response(status=204)

    async def _forget(self, upload: Upload) -> None:
        await self._store.uploads(partial(records.remove_upload, identifier=upload.id))
        names = [name for name, _, _ in upload.resource["parts"].values()]
        await self._remove(await self._store.folder(upload.bucket), names)

    async def _remove(self, folder: Path, names: list[str]) -> None:
        for name in names:
            await self._store.do(partial((folder / f".{name}.part").unlink, missing_ok=True))

    async def _content(self, path: Path) -> AsyncIterator[bytes]:
        try:
            file = await self._store.do(partial(files.opened, path))
        except FileNotFoundError:
            raise ReasonedError(404, "a part of the upload is gone; begin a new one", "NoSuchUpload") from None
        with file:
            while data := await self._store.do(partial(file.read, CHUNK)):
                yield data

    async def _upload(self, request: web.Request) -> Upload:
        identifier = request.query["uploadId"]
        upload = await self._store.uploads(partial(records.read_upload, identifier=identifier))
        info = request.match_info
        if upload is None or (upload.bucket, upload.name) != (info["bucket"], info["key"]):
            raise ReasonedError(404, "there is no such upload", "NoSuchUpload")
        return upload


def _add_part(connection: Any, identifier: str, number: str, part: list[object]) -> str | None:
    """Keep a part; return the file of the one that it replaces. Runs in the database's thread."""
    upload = records.read_upload(connection, identifier)
    if upload is None:
        raise ReasonedError(404, "there is no such upload", "NoSuchUpload")
    old = upload.resource["parts"].get(number)
    parts = {**upload.resource["parts"], number: part}
    records.write_upload(connection, replace(upload, resource={**upload.resource, "parts": parts}))
    return None if old is None else str(old[0])


def _chosen(upload: Upload, body: Any) -> list[tuple[str, str, int]]:
    chosen, last = [], 0
    for each in bodies.children(body, "Part"):
        number, etag = bodies.text_of(each, "PartNumber"), bodies.text_of(each, "ETag").strip('"')
        part = upload.resource["parts"].get(number)
        if part is None or etag != part[1]:
            raise ReasonedError(400, "a part that the request names did not arrive, or is another one", "InvalidPart")
        if int(number) <= last:
            raise ReasonedError(400, "the parts must be named in the order of their numbers", "InvalidPartOrder")
        last = int(number)
        chosen.append(tuple(part))
    if not chosen:
        raise ReasonedError(400, "the request names no part", "MalformedXML")
    if any(size < LEAST_PART for _, _, size in chosen[:-1]):
        raise ReasonedError(400, "a part that is not the last one has less than 5 MiB", "EntityTooSmall")
    return chosen


def _xml(body: str) -> web.Response:
    return web.Response(body=body.encode(), content_type="application/xml")
