"""``…/fhirStores`` over HTTP: the stores themselves, and what Google's API has and the sandbox does not."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

from aiohttp import web

from gateway.sandbox.fhir.http import FhirStores
from gateway.sandbox.fhir.managing import stores
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import read_object, reply_json
from gateway.sandbox.names import FHIR_STORE_PATH, FHIR_STORES_PATH, dataset_name, store_name
from gateway.sandbox.resources.masks import read_mask

T = TypeVar("T")
LARGEST_PAGE, DEFAULT_PAGE = 1000, 100


class FhirStoresApi:
    """The handlers of ``…/fhirStores`` and ``…/fhirStores/{store}``."""

    def __init__(self, fhir: FhirStores) -> None:
        self._database, self._streams = fhir.database, fhir.streams

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        return [
            web.post(FHIR_STORES_PATH, self.create),
            web.get(FHIR_STORES_PATH, self.list),
            web.get(FHIR_STORE_PATH, self.get),
            web.patch(FHIR_STORE_PATH, self.patch),
            web.delete(FHIR_STORE_PATH, self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Create a store."""
        config = stores.check_config(await read_object(request), can_stream=self._streams.is_possible)
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
        config = stores.check_config(await read_object(request), can_stream=self._streams.is_possible)
        mask = read_mask(request, stores.KNOWN)
        return reply_json(await self._run(partial(stores.patch, name=_name(request), config=config, mask=mask)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a store with everything in it."""
        await self._run(partial(stores.delete, name=_name(request)))
        return reply_json({})

    async def _run(self, work: Callable[..., T]) -> T:
        return await self._database.run(work)


def _name(request: web.Request) -> str:
    return store_name(request, "fhirStores")
