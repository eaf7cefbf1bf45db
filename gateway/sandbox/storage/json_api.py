"""The JSON API of Cloud Storage: buckets and objects. ``uploads_api.py`` has what comes in."""

from typing import Any

from aiohttp import web

from gateway.sandbox.json_bodies import read_object
from gateway.sandbox.json_bodies import reply_json as reply
from gateway.sandbox.reasoned_error import ReasonedError, with_reasons
from gateway.sandbox.storage.copying import compose, copied
from gateway.sandbox.storage.listing import asked_by, token_of
from gateway.sandbox.storage.resources import bucket_resource, conditions_of, number_of, object_resource
from gateway.sandbox.storage.sending import SMALL, headers_of, send
from gateway.sandbox.storage.store import Conditions, Store, Stored

BUCKETS = "/storage/v1/b"
BUCKET = f"{BUCKETS}/{{bucket}}"
OBJECTS = f"{BUCKET}/o"
OBJECT = f"{OBJECTS}/{{key:[^/]+}}"
"""A slash in the name of an object comes as %2F."""
ELSEWHERE = "/b/{to_bucket}/o/{to_key:[^/]+}"


class JsonApi:
    """The handlers of ``/storage/v1``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        table = [
            ("GET", BUCKETS, self.list_buckets),
            ("POST", BUCKETS, self.create_bucket),
            ("GET", BUCKET, self.get_bucket),
            ("DELETE", BUCKET, self.remove_bucket),
            ("GET", f"{BUCKET}/storageLayout", self.layout),
            ("GET", OBJECTS, self.list_objects),
            ("POST", f"{OBJECT}/compose", self.compose),
            ("POST", f"{OBJECT}/rewriteTo{ELSEWHERE}", self.rewrite),
            ("POST", f"{OBJECT}/copyTo{ELSEWHERE}", self.copy),
            ("GET", OBJECT, self.get),
            ("GET", f"/download{OBJECT}", self.download),
            ("PATCH", OBJECT, self.patch),
            ("DELETE", OBJECT, self.remove),
            ("*", "/storage/v1/{rest:.*}", _not_here),
            ("*", "/batch/storage/v1", _not_here),
        ]
        return [web.route(method, path, with_reasons(handler)) for method, path, handler in table]

    async def list_buckets(self, request: web.Request) -> web.Response:
        """Return all buckets; there are few, so one page."""
        prefix = request.query.get("prefix", "")
        names = [each for each in await self._store.names() if each.startswith(prefix)]
        return reply({"kind": "storage#buckets", "items": [bucket_resource(each, _origin(request)) for each in names]})

    async def create_bucket(self, request: web.Request) -> web.Response:
        """Make a bucket; of its settings only the name is kept."""
        name = (await read_object(request)).get("name")
        await self._store.create_bucket(name if isinstance(name, str) else "")
        return reply(bucket_resource(str(name), _origin(request)))

    async def get_bucket(self, request: web.Request) -> web.Response:
        """Return a bucket."""
        bucket = request.match_info["bucket"]
        await self._store.folder(bucket)
        return reply(bucket_resource(bucket, _origin(request)))

    async def remove_bucket(self, request: web.Request) -> web.Response:
        """Remove an empty bucket."""
        await self._store.remove_bucket(request.match_info["bucket"])
        return web.Response(status=204)

    async def layout(self, request: web.Request) -> web.Response:
        """Return the layout, for which ``gcloud storage`` asks: there is no hierarchical namespace."""
        bucket = request.match_info["bucket"]
        await self._store.folder(bucket)
        return reply({"kind": "storage#storageLayout", "bucket": bucket, "location": "US"})

    async def list_objects(self, request: web.Request) -> web.Response:
        """Return a page of objects; of files that the sandbox has not read yet the digests are left out."""
        bucket, query = request.match_info["bucket"], request.query
        if query.get("versions") == "true" or query.get("softDeleted") == "true":
            raise ReasonedError(501, "a bucket here is a folder, which keeps no other versions of an object")
        page = await self._store.page(bucket, asked_by(query))
        found = [await self._store.described(bucket, each) for each in page.files]
        body: dict[str, Any] = {"kind": "storage#objects"}
        if found:
            body["items"] = [object_resource(each, _origin(request)) for each in found]
        if page.prefixes:
            body["prefixes"] = page.prefixes
        if page.next_after is not None:
            body["nextPageToken"] = token_of(page.next_after)
        return reply(body)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Return the resource of an object, or with ``alt=media`` its content."""
        if request.query.get("alt") == "media":
            return await self.download(request)
        found = await self._found(request, digests=True)
        return reply(object_resource(found, _origin(request)))

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Send the content of an object."""
        found = await self._found(request)
        if found.file.size <= SMALL:
            found = await self._store.described(found.bucket, found.file, digests=True)
        return await send(self._store, request, found, headers_of(found))

    async def patch(self, request: web.Request) -> web.Response:
        """Change the metadata of an object."""
        body, info = await read_object(request), request.match_info
        found = await self._store.change(info["bucket"], info["key"], body, conditions_of(request.query))
        return reply(object_resource(found, _origin(request)))

    async def remove(self, request: web.Request) -> web.Response:
        """Remove an object."""
        info = request.match_info
        conditions = conditions_of(request.query)
        if (generation := number_of(request.query, "generation")) is not None:
            await self._found(request)
            conditions = Conditions(generation, conditions.not_generation, conditions.metageneration)
        await self._store.remove(info["bucket"], info["key"], conditions)
        return web.Response(status=204)

    async def rewrite(self, request: web.Request) -> web.Response:
        """Copy an object in one call; Cloud Storage may take several for large ones."""
        made = await self._copy(request)
        size = str(made.file.size)
        told = {"kind": "storage#rewriteResponse", "totalBytesRewritten": size, "objectSize": size, "done": True}
        return reply({**told, "resource": object_resource(made, _origin(request))})

    async def copy(self, request: web.Request) -> web.Response:
        """Copy an object."""
        return reply(object_resource(await self._copy(request), _origin(request)))

    async def _copy(self, request: web.Request) -> Stored:
        info, body = request.match_info, await read_object(request)
        names = {"ifSourceGenerationMatch", "ifSourceGenerationNotMatch", "ifSourceMetagenerationMatch"}
        if len(names & set(request.query)) > 0:
            raise ReasonedError(501, "preconditions about the source of a copy are not supported")
        source = await self._found(request, name="sourceGeneration")
        return await copied(self._store, source, info["to_bucket"], info["to_key"], body, conditions_of(request.query))

    async def compose(self, request: web.Request) -> web.Response:
        """Make an object of several others of the bucket."""
        info, body = request.match_info, await read_object(request)
        made = await compose(self._store, info["bucket"], info["key"], body, conditions_of(request.query))
        return reply(object_resource(made, _origin(request)))

    async def _found(self, request: web.Request, *, digests: bool = False, name: str = "generation") -> Stored:
        info = request.match_info
        found = await self._store.get(info["bucket"], info["key"], digests=digests)
        if number_of(request.query, name) not in (None, found.file.generation):
            raise ReasonedError(404, "there is no such generation of the object; a folder keeps only the newest")
        if name == "generation" and request.method in {"GET", "HEAD"}:
            conditions_of(request.query).check(found, reading=True)
        return found


async def _not_here(_: web.Request) -> web.Response:
    raise ReasonedError(501, "the sandbox does not have this method of Cloud Storage")


def _origin(request: web.Request) -> str:
    return str(request.url.origin())
