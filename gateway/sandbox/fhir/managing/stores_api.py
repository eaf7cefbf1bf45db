"""``…/fhirStores`` over HTTP: the stores themselves, and what Google's API has and the sandbox does not."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

from aiohttp import web

from gateway.sandbox.fhir.http import FhirStores
from gateway.sandbox.fhir.managing import stores
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import FHIR_STORE_PATH, FHIR_STORES_PATH, dataset_name, store_name

T = TypeVar("T")
LARGEST_PAGE, DEFAULT_PAGE = 1000, 100
NOT_SERVED = (
    ("POST", ":applyConsents"),
    ("POST", ":applyAdminConsents"),
    ("GET", ":explainDataAccess"),
    ("GET", ":getIamPolicy"),
    ("POST", ":setIamPolicy"),
    ("POST", ":testIamPermissions"),
    ("GET", "/fhir/Group/{id}/$export"),
    ("GET", "/fhir/Consent/{id}/$consent-enforcement-status"),
    ("GET", "/fhir/Patient/{id}/$consent-enforcement-status"),
)
"""Methods of Google's API that the sandbox does not have."""


class FhirStoresApi:
    """The handlers of ``…/fhirStores`` and ``…/fhirStores/{store}``."""

    def __init__(self, fhir: FhirStores) -> None:
        self._database = fhir.database

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.post(FHIR_STORES_PATH, self.create),
            web.get(FHIR_STORES_PATH, self.list),
            web.get(FHIR_STORE_PATH, self.get),
            web.patch(FHIR_STORE_PATH, self.patch),
            web.delete(FHIR_STORE_PATH, self.delete),
            *(web.route(method, f"{FHIR_STORE_PATH}{path}", self.not_served) for method, path in NOT_SERVED),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Create a store."""
        config = stores.check_config(await read_object(request))
        work = partial(
            stores.create,
            dataset=dataset_name(request),
            store_id=request.query.get("fhirStoreId", ""),
            config=config,
        )
        return reply_json(await self._run(work))

    async def get(self, request: web.Request) -> web.Response:
        """Return the settings of a store."""
        return reply_json(await self._run(partial(stores.get, name=_name(request))))

    async def list(self, request: web.Request) -> web.Response:
        """Return a page of stores by name."""
        if request.query.get("filter"):
            raise ApiError(501, "the sandbox does not support filter")
        size = request.query.get("pageSize", "0")
        if not size.isdecimal() or len(size) > 9:
            raise ApiError(400, "pageSize is not a number")
        limit = min(int(size) or DEFAULT_PAGE, LARGEST_PAGE)
        after = unquote(request.query.get("pageToken", ""))
        work = partial(stores.find_all, dataset=dataset_name(request), after=after, limit=limit + 1)
        found = await self._run(work)
        page: dict[str, Any] = {"fhirStores": found[:limit]} if found else {}
        if len(found) > limit:
            page["nextPageToken"] = found[limit - 1]["name"]
        return reply_json(page)

    async def patch(self, request: web.Request) -> web.Response:
        """Change settings."""
        config = stores.check_config(await read_object(request))
        mask = [_camel(each.strip()) for each in request.query.get("updateMask", "").split(",") if each.strip()]
        return reply_json(await self._run(partial(stores.patch, name=_name(request), config=config, mask=mask)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a store with everything in it."""
        await self._run(partial(stores.delete, name=_name(request)))
        return reply_json({})

    async def not_served(self, _: web.Request) -> web.Response:
        """Answer what the sandbox does not have."""
        raise ApiError(501, "the sandbox does not have this method")

    async def _run(self, work: Callable[..., T]) -> T:
        return await self._database.run(work)


def _name(request: web.Request) -> str:
    return store_name(request, "fhirStores")


def _camel(name: str) -> str:
    """Return a field of a mask as JSON names it: clients send both forms."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


async def read_object(request: web.Request) -> Any:
    """Return the JSON object of a request; no body is an empty one."""
    try:
        body = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        raise ApiError(400, "the request is not JSON") from None
    if not isinstance(body, dict):
        raise ApiError(400, "the request must be an object")
    return body


def reply_json(body: dict[str, Any]) -> web.Response:
    """Return a reply of Google's API that is not FHIR."""
    return web.Response(body=json.dumps(body).encode(), content_type="application/json")
