"""The resources of a FHIR store over HTTP: create, read, update, patch, delete, history, and bundles."""

from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.fhir import interactions
from gateway.sandbox.fhir.bundles.execute import execute
from gateway.sandbox.fhir.capabilities import capability_statement
from gateway.sandbox.fhir.history import history
from gateway.sandbox.fhir.http import (
    LARGEST_BUNDLE,
    FhirStores,
    answering,
    read_body,
    reply,
    reply_done,
)
from gateway.sandbox.fhir.interactions import Done, Target
from gateway.sandbox.fhir.outcome import FhirError, invalid, not_found, outcome
from gateway.sandbox.fhir.session import Session
from gateway.sandbox.fhir.shape import check_resource, check_type
from gateway.sandbox.fhir.validation.validate import faults
from gateway.sandbox.names import FHIR_STORE_PATH, fhir_url

_TYPE = "{type:[A-Z][A-Za-z]*}"
_ID = "{id:[^/$_][^/]*}"


class FhirApi:
    """The handlers of ``…/fhirStores/{store}/fhir``, but for searches and Binary."""

    def __init__(self, stores: FhirStores) -> None:
        self._stores = stores

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        base = f"{FHIR_STORE_PATH}/fhir"
        one = f"{base}/{_TYPE}/{_ID}"
        return [
            web.get(f"{base}/metadata", self.capabilities),
            web.post(base, self.bundle),
            web.post(f"{base}/", self.bundle),
            web.post(f"{base}/{_TYPE}/$validate", self.validate),
            web.post(f"{base}/{_TYPE}", self.create),
            web.put(f"{base}/{_TYPE}", self.update),
            web.patch(f"{base}/{_TYPE}", self.patch),
            web.delete(f"{base}/{_TYPE}", self.delete),
            web.get(f"{one}/_history/{{version}}", self.vread),
            web.get(f"{one}/_history", self.history),
            web.delete(f"{one}/$purge", self.purge),
            web.get(one, self.read),
            web.put(one, self.update),
            web.patch(one, self.patch),
            web.delete(one, self.delete),
        ]

    @answering
    async def capabilities(self, request: web.Request) -> web.Response:
        """Return the CapabilityStatement."""
        return reply(capability_statement(fhir_url(request)))

    @answering
    async def bundle(self, request: web.Request) -> web.Response:
        """Execute a batch or transaction."""
        body = await read_body(request, LARGEST_BUNDLE)
        return reply(await self._stores.run(request, partial(_bundle, body=body, base_url=fhir_url(request))))

    @answering
    async def validate(self, request: web.Request) -> web.Response:
        """Check a resource without storing it."""
        if "profile" in request.query:
            raise FhirError(400, "not-found", "profile_not_found", "the profile is not in the store")
        body = await read_body(request)
        check_type(request.match_info["type"])
        issues = [issue for error in _faults(body, request.match_info["type"]) for issue in outcome(error)["issue"]]
        success = {"severity": "information", "code": "informational", "details": {"text": "success"}}
        return reply({"resourceType": "OperationOutcome", "issue": issues or [success]})

    @answering
    async def create(self, request: web.Request) -> web.Response:
        """Create a resource, with ``If-None-Exist`` unless there is one."""
        body = await read_body(request)
        condition = request.headers.get("If-None-Exist")
        if condition is not None:
            condition = condition.rpartition("?")[2]
        kind = request.match_info["type"]
        return await self._do(request, lambda session: interactions.create(session, body, kind, condition))

    @answering
    async def read(self, request: web.Request) -> web.Response:
        """Return the current version; 304 if the client has it."""
        response = await self._do(request, lambda session: interactions.read(session, _target(request)))
        if response.headers["ETag"] in request.headers.get("If-None-Match", "").split(", "):
            return web.Response(status=304, headers={"ETag": response.headers["ETag"]})
        return response

    @answering
    async def vread(self, request: web.Request) -> web.Response:
        """Return one version."""
        version = request.match_info["version"]
        return await self._do(request, lambda session: interactions.vread(session, _target(request), version))

    @answering
    async def update(self, request: web.Request) -> web.Response:
        """Replace a resource, or create it."""
        body = await read_body(request)
        match = request.headers.get("If-Match")
        return await self._do(request, lambda session: interactions.update(session, body, _target(request), match))

    @answering
    async def patch(self, request: web.Request) -> web.Response:
        """Apply a JSON Patch."""
        body = await read_body(request)
        match = request.headers.get("If-Match")
        return await self._do(request, lambda session: interactions.patch(session, body, _target(request), match))

    @answering
    async def delete(self, request: web.Request) -> web.Response:
        """Delete a resource."""
        match = request.headers.get("If-Match")
        return await self._do(request, lambda session: interactions.delete(session, _target(request), match))

    @answering
    async def purge(self, request: web.Request) -> web.Response:
        """Remove the earlier versions of a resource."""
        await self._stores.run(request, lambda session: interactions.purge(session, _target(request)))
        return reply({})

    @answering
    async def history(self, request: web.Request) -> web.Response:
        """Return the versions of a resource, the latest first."""
        query, base_url = dict(request.query), fhir_url(request)
        return reply(
            await self._stores.run(request, lambda session: history(session, _target(request), query, base_url))
        )

    async def _do(self, request: web.Request, work: Callable[[Session], Done]) -> web.Response:
        return reply_done(request, await self._stores.run(request, work))


def _faults(body: Any, resource_type: str) -> list[FhirError]:
    """Return every fault of a resource; what is not FHIR at all has one."""
    try:
        check_resource(body, resource_type)
    except FhirError as error:
        is_resource = isinstance(body, dict) and body.get("resourceType") == resource_type
        return [invalid(fault) for fault in faults(body)] or [error] if is_resource else [error]
    return []


def _bundle(session: Session, body: Any, base_url: str) -> dict[str, Any]:
    return execute(session, body, base_url)


def _target(request: web.Request) -> Target:
    kind = request.match_info["type"]
    if "id" in request.match_info:
        identifier = request.match_info["id"]
        if len(identifier) > 64:
            raise not_found()
        return Target(kind, identifier)
    if not request.query_string:
        raise invalid("the address has neither an id nor a condition")
    return Target(kind, condition=request.query_string)
