"""The XML API of Cloud Storage, whose shapes are those of S3: one handler serves both. Signatures are not checked."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from gateway.sandbox.google_error import ApiError
from gateway.sandbox.reasoned_error import ReasonedError, reasoned
from gateway.sandbox.storage.copying import copied
from gateway.sandbox.storage.digests import CHUNK, Digests, hashes_of
from gateway.sandbox.storage.listing import Asked, after_of, most_of
from gateway.sandbox.storage.records import SETTABLE
from gateway.sandbox.storage.rules import BUCKET_PATH, check_key
from gateway.sandbox.storage.sending import SMALL, headers_of, send
from gateway.sandbox.storage.store import Conditions, Store, Stored
from gateway.sandbox.storage.xml import bodies
from gateway.sandbox.storage.xml.parts import PartsApi

OBJECT_PATH = BUCKET_PATH + "/{key:.+}"
NOT_HERE = {
    "acl",
    "cors",
    "lifecycle",
    "policy",
    "tagging",
    "versioning",
    "versions",
    "website",
    "retention",
    "torrent",
}
SETTING = {
    "Content-Type": "contentType",
    "Content-Encoding": "contentEncoding",
    "Content-Disposition": "contentDisposition",
    "Content-Language": "contentLanguage",
    "Cache-Control": "cacheControl",
}
Method = Callable[[web.Request], Awaitable[web.StreamResponse]]


class XmlApi:
    """The handlers of ``/BUCKET`` and ``/BUCKET/KEY``."""

    def __init__(self, store: Store) -> None:
        self._store, self._parts = store, PartsApi(store)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application, behind those of all other APIs."""
        table = [
            ("GET", BUCKET_PATH, self.list_objects),
            ("HEAD", BUCKET_PATH, self.head_bucket),
            ("PUT", BUCKET_PATH, self.create_bucket),
            ("DELETE", BUCKET_PATH, self.remove_bucket),
            ("POST", BUCKET_PATH, self.remove_several),
            ("GET", OBJECT_PATH, self.get),
            ("HEAD", OBJECT_PATH, self.get),
            ("PUT", OBJECT_PATH, self.put),
            ("POST", OBJECT_PATH, self.post),
            ("DELETE", OBJECT_PATH, self.remove),
        ]
        slashed = [(method, f"{path}/", handler) for method, path, handler in table if path == BUCKET_PATH]
        return [
            web.route(method, path, _in_xml(handler), **({"allow_head": False} if method == "GET" else {}))
            for method, path, handler in (*slashed, *table)
        ]

    async def list_objects(self, request: web.Request) -> web.StreamResponse:
        """Return a page of objects, or the location of the bucket."""
        bucket, query = request.match_info["bucket"], request.query
        if "location" in query:
            await self._store.folder(bucket)
            return _xml(bodies.simple("LocationConstraint", []))
        if query.get("list-type") == "2":
            token = query.get("continuation-token", "")
            after = after_of(token) if token else query.get("start-after", "")
        else:
            after = query.get("marker", "")
        asked = Asked(
            query.get("prefix", ""), query.get("delimiter", ""), after=after, most=most_of(query.get("max-keys", ""))
        )
        page = await self._store.page(bucket, asked)
        found = [await self._store.described(bucket, each) for each in page.files]
        return _xml(bodies.listing(bucket, asked, page, found, query))

    async def head_bucket(self, request: web.Request) -> web.StreamResponse:
        """Say whether there is a bucket."""
        await self._store.folder(request.match_info["bucket"])
        return web.Response()

    async def create_bucket(self, request: web.Request) -> web.StreamResponse:
        """Make a bucket."""
        await self._store.create_bucket(request.match_info["bucket"])
        return web.Response(headers={"Location": f"/{request.match_info['bucket']}"})

    async def remove_bucket(self, request: web.Request) -> web.StreamResponse:
        """Remove an empty bucket."""
        await self._store.remove_bucket(request.match_info["bucket"])
        return web.Response(status=204)

    async def remove_several(self, request: web.Request) -> web.StreamResponse:
        """Remove the objects that a request names: S3's DeleteObjects."""
        bucket = request.match_info["bucket"]
        if "delete" not in request.query:
            raise ReasonedError(501, "of requests to a bucket by POST there is only ?delete here")
        await self._store.folder(bucket)
        rows = []
        for each in bodies.children(bodies.read_xml(await request.read()), "Object"):
            key = bodies.text_of(each, "Key")
            try:
                await self._store.remove(bucket, key, Conditions())
            except ReasonedError as error:
                if error.status != 404:  # S3: an object that is not there is removed
                    rows.append(f"<Error><Key>{bodies.text(key)}</Key><Code>{_code(error)}</Code></Error>")
                    continue
            rows.append(f"<Deleted><Key>{bodies.text(key)}</Key></Deleted>")
        return _xml(f"{bodies.HEAD}<DeleteResult {bodies.SPACE}>{''.join(rows)}</DeleteResult>")

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Send the content of an object, or its headers only."""
        if "uploadId" in request.query:
            return await self._parts.show(request)
        info = request.match_info
        found = await self._store.get(info["bucket"], info["key"])
        if found.file.size <= SMALL:
            found = await self._store.described(found.bucket, found.file, digests=True)
        conditions_of(request).check(found)
        if (known := request.headers.get("If-None-Match")) and known in {f'"{found.etag}"', found.etag, "*"}:
            return web.Response(status=304, headers={"ETag": f'"{found.etag}"'})
        prefix = "x-amz-" if _is_s3(request) else "x-goog-"
        return await send(self._store, request, found, headers_of(found, prefix=prefix))

    async def put(self, request: web.Request) -> web.StreamResponse:
        """Take an object, a part of one, or copy one."""
        if "uploadId" in request.query:
            return await self._parts.put(request)
        bucket, key = request.match_info["bucket"], check_key(request.match_info["key"])
        source = request.headers.get("x-amz-copy-source") or request.headers.get("x-goog-copy-source")
        if source is not None:
            return await self._copy(request, source)
        refuse_chunked(request)
        part, digests, sha256 = await self._store.begin(bucket), Digests(), hashlib.sha256()

        async def chunks() -> Any:
            async for chunk in request.content.iter_chunked(CHUNK):
                sha256.update(chunk)
                yield chunk

        try:
            await self._store.receive(part, chunks(), digests)
            check_sha256(request, sha256.digest())
        except BaseException:
            await self._store.do(partial(part.unlink, missing_ok=True))
            raise
        made = await self._store.finish(bucket, key, part, digests, resource_of(request), conditions_of(request))
        return web.Response(headers=_made(made))

    async def _copy(self, request: web.Request, source: str) -> web.StreamResponse:
        bucket, _, key = unquote(source).lstrip("/").partition("/")
        found = await self._store.get(bucket, key)
        info = request.match_info
        replaced = request.headers.get("x-amz-metadata-directive", "COPY").upper() == "REPLACE"
        resource = resource_of(request) if replaced else {}
        made = await copied(self._store, found, info["bucket"], info["key"], resource, conditions_of(request))
        fields = [("LastModified", bodies.moment(made)), ("ETag", f'"{made.etag}"')]
        return _xml(bodies.simple("CopyObjectResult", fields), _made(made))

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Begin or complete an upload in parts."""
        if "uploads" in request.query:
            return await self._parts.begin(request, resource_of(request))
        if "uploadId" in request.query:
            made = await self._parts.complete(request, conditions_of(request))
            info = request.match_info
            fields = [("Bucket", info["bucket"]), ("Key", info["key"]), ("ETag", f'"{made.etag}"')]
            return _xml(bodies.simple("CompleteMultipartUploadResult", fields), _made(made))
        raise ReasonedError(501, "of requests to an object by POST there are only ?uploads and ?uploadId here")

    async def remove(self, request: web.Request) -> web.StreamResponse:
        """Remove an object, or forget an upload in parts. S3 says 204 for an object that is not there, Google 404."""
        if "uploadId" in request.query:
            return await self._parts.abort(request)
        info = request.match_info
        try:
            await self._store.remove(info["bucket"], info["key"], conditions_of(request))
        except ReasonedError as error:
            if error.status != 404 or not _is_s3(request) or await self._store.folder(info["bucket"]) is None:
                raise
        return web.Response(status=204)


def _made(made: Stored) -> dict[str, str]:
    told = headers_of(made)
    names = ("ETag", "x-goog-generation", "x-goog-metageneration", "x-goog-hash")
    return {name: told[name] for name in names if name in told}


def _is_s3(request: web.Request) -> bool:
    """Whether a client speaks to S3, by the headers that each of its requests has."""
    return request.headers.get("Authorization", "").startswith("AWS4-") or any(
        name.lower().startswith("x-amz-") for name in request.headers
    )


def conditions_of(request: web.Request) -> Conditions:
    """Return the preconditions in the headers of a request."""
    headers = request.headers
    generation = headers.get("x-goog-if-generation-match")
    if request.method not in {"GET", "HEAD"} and headers.get("If-None-Match") == "*":
        generation = "0"
    metageneration = headers.get("x-goog-if-metageneration-match")
    etag = headers.get("If-Match")
    if any(each is not None and not each.isdecimal() for each in (generation, metageneration)):
        raise ReasonedError(400, "a generation is a number")
    return Conditions(
        None if generation is None else int(generation),
        None,
        None if metageneration is None else int(metageneration),
        None if etag is None else etag.strip('"'),
    )


def resource_of(request: web.Request) -> dict[str, Any]:
    """Return what the headers of a request say of its object."""
    headers = request.headers
    resource: dict[str, Any] = {key: headers[name] for name, key in SETTING.items() if name in headers}
    resource["metadata"] = {
        name.lower().partition("meta-")[2]: value
        for name, value in headers.items()
        if name.lower().startswith(("x-amz-meta-", "x-goog-meta-"))
    }
    hashes = hashes_of(",".join(headers.getall("x-goog-hash", [])))
    md5, crc32c = headers.get("Content-MD5", hashes.get("md5")), headers.get("x-amz-checksum-crc32c")
    resource |= {"md5Hash": md5, "crc32c": crc32c or hashes.get("crc32c")}
    return {key: value for key, value in resource.items() if value and (key in SETTABLE or key != "id")}


def check_sha256(request: web.Request, digest: bytes) -> None:
    """Raise a 400 if the request says that its body has another SHA-256."""
    told = request.headers.get("x-amz-content-sha256", "")
    in_base64 = request.headers.get("x-amz-checksum-sha256")
    if (len(told) == 64 and told.lower() != digest.hex()) or in_base64 not in (None, base64.b64encode(digest).decode()):
        raise ReasonedError(400, "the octets that arrived do not have the SHA-256 that was sent", "BadDigest")


def refuse_chunked(request: web.Request) -> None:
    """Raise a 501 for a body with signatures between its octets, which would be stored as if they were content."""
    if request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        raise ReasonedError(501, "bodies in aws-chunked are not supported; send the checksum in a header")


def _in_xml(handler: Method) -> Method:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            if unknown := NOT_HERE & set(request.query):
                raise ReasonedError(501, f"the sandbox has no {min(unknown)} of buckets and objects")
            return await handler(request)
        except ApiError as error:
            told = reasoned(error)
            body = "" if request.method == "HEAD" else bodies.error_body(_code(told, request), told.reason)
            return web.Response(status=told.status, body=body.encode(), content_type="application/xml")

    return handle


def _code(error: ReasonedError, request: web.Request | None = None) -> str:
    if error.code[:1].isupper():
        return error.code
    if error.status == 404 and "bucket" in error.reason:
        return "NoSuchBucket"
    if error.status == 409 and request is not None and request.method == "PUT":
        return "BucketAlreadyOwnedByYou"
    return bodies.CODES.get(error.status, "InternalError")


def _xml(body: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=body.encode(), content_type="application/xml", headers=headers)
