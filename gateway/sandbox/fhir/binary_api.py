"""Binary resources as raw data: whatever is not FHIR's JSON is stored as the data of a Binary."""

import base64
from collections.abc import Callable
from typing import Any

from aiohttp import web

from gateway.sandbox.fhir import interactions
from gateway.sandbox.fhir.bodies import read_json
from gateway.sandbox.fhir.http import FhirStores, answering, read_octets, reply_done
from gateway.sandbox.fhir.interactions import Done, Target
from gateway.sandbox.fhir.session import Held, Session
from gateway.sandbox.names import FHIR_STORE_PATH

# Google's API takes 1 GB; the sandbox keeps a Binary in its database.
LARGEST_BINARY = 50 << 20
FHIR_TYPES = {"application/fhir+json", "application/json", "text/json"}


class FhirBinaryApi:
    """The handlers of ``…/fhir/Binary``."""

    def __init__(self, stores: FhirStores) -> None:
        self._stores = stores

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application, before those of all types."""
        base = f"{FHIR_STORE_PATH}/fhir/Binary"
        return [
            web.post(base, self.create),
            web.get(f"{base}/{{id:[^/$_][^/]*}}", self.read),
            web.put(f"{base}/{{id:[^/$_][^/]*}}", self.update),
            web.get(f"{base}/{{id:[^/$_][^/]*}}/_history/{{version}}", self.vread),
        ]

    @answering
    async def create(self, request: web.Request) -> web.Response:
        """Create a Binary of the body; the reply has no body."""
        resource = await _binary(request)
        done = await self._stores.run(request, lambda session: interactions.create(session, resource, "Binary"))
        return reply_done(request, done)

    @answering
    async def update(self, request: web.Request) -> web.Response:
        """Replace a Binary."""
        identifier = request.match_info["id"]
        resource = {"id": identifier, **await _binary(request)}
        target, match = Target("Binary", identifier), request.headers.get("If-Match")
        done = await self._stores.run(request, lambda session: interactions.update(session, resource, target, match))
        return reply_done(request, done)

    @answering
    async def read(self, request: web.Request) -> web.Response:
        """Return the data of a Binary, or the resource to a client that accepts FHIR's JSON."""
        return await self._content(request, interactions.read)

    @answering
    async def vread(self, request: web.Request) -> web.Response:
        """Return the data of one version."""
        version = request.match_info["version"]
        return await self._content(request, lambda session, target: interactions.vread(session, target, version))

    async def _content(self, request: web.Request, work: Callable[[Session, Target], Done]) -> web.Response:
        target = Target("Binary", request.match_info["id"])
        done = await self._stores.run(request, lambda session: work(session, target))
        accepted = request.headers.get("Accept", "").partition(";")[0].partition(",")[0].strip()
        if accepted in FHIR_TYPES or done.held is None:
            return reply_done(request, done)
        return _data(done.held)


async def _binary(request: web.Request) -> dict[str, Any]:
    octets = await read_octets(request, LARGEST_BINARY)
    if request.content_type in FHIR_TYPES:
        try:
            resource = read_json(octets)
        except ValueError:
            resource = None
        # "If a resource type other than Binary is used in the request it's treated in the same way as non-FHIR data".
        if isinstance(resource, dict) and resource.get("resourceType") == "Binary":
            return resource
    return {"resourceType": "Binary", "contentType": request.content_type, "data": base64.b64encode(octets).decode()}


def _data(held: Held) -> web.Response:
    resource = held.resource()
    data = base64.b64decode(resource.get("data", ""))
    headers = {
        "ETag": f'W/"{held.version_id}"',
        "Content-Type": resource.get("contentType", "application/octet-stream"),
    }
    return web.Response(body=data, headers=headers)
