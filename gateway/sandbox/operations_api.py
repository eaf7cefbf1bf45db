"""``…/operations`` of a dataset over HTTP: get, list, cancel, and the log to which ``logsUrl`` points."""

from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.fhir.managing import operations
from gateway.sandbox.fhir.managing.stores_api import read_object, reply_json
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.names import OPERATIONS_PATH, dataset_name
from gateway.sandbox.running import Running

LARGEST_PAGE, DEFAULT_PAGE = 1000, 100


class OperationsApi:
    """The handlers of ``…/operations``."""

    def __init__(self, database: Database, running: Running) -> None:
        self._database, self._running = database, running

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to the application."""
        one = f"{OPERATIONS_PATH}/{{operation}}"
        return [
            web.get(OPERATIONS_PATH, self.list),
            web.get(one, self.get),
            web.get(f"{one}/logs", self.logs),
            web.post(f"{one}:cancel", self.cancel),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Return a page of the operations of a dataset, the latest first."""
        if request.query.get("filter"):
            raise ApiError(501, "the sandbox does not support filter")
        size, start = request.query.get("pageSize", "0"), request.query.get("pageToken", "0")
        if not all(each.isdecimal() and len(each) < 10 for each in (size, start)):
            raise ApiError(400, "pageSize or pageToken is not one that the sandbox gave")
        limit = min(int(size) or DEFAULT_PAGE, LARGEST_PAGE)
        found = await self._database.run(partial(operations.find_all, dataset=dataset_name(request)))
        page = found[int(start) : int(start) + limit]
        body: dict[str, Any] = {"operations": page} if page else {}
        if len(found) > int(start) + limit:
            body["nextPageToken"] = str(int(start) + limit)
        return reply_json(body)

    async def get(self, request: web.Request) -> web.Response:
        """Return an operation."""
        return reply_json(await self._operation(request))

    async def logs(self, request: web.Request) -> web.Response:
        """Return why resources failed, with how many, and what was done more strictly than Google's API does."""
        await self._operation(request)
        work = partial(operations.log_of, identifier=request.match_info["operation"])
        return reply_json(await self._database.run(work))

    async def cancel(self, request: web.Request) -> web.Response:
        """Begin to cancel an operation; of one that is done nothing changes."""
        await read_object(request)
        operation = await self._operation(request)
        if not operation.get("done"):
            await self._running.cancel(operation["name"])
        return reply_json({})

    async def _operation(self, request: web.Request) -> dict[str, Any]:
        work = partial(operations.get, dataset=dataset_name(request), identifier=request.match_info["operation"])
        return await self._database.run(work)
