"""``…/operations`` of a dataset over HTTP: get, list, cancel, and the log to which ``logsUrl`` points."""

import sqlite3
from functools import partial
from typing import Any

from aiohttp import web

from gateway.sandbox.database import Database
from gateway.sandbox.dicom.media_type import parse_accept
from gateway.sandbox.google_error import ApiError
from gateway.sandbox.json_bodies import read_object, reply_json
from gateway.sandbox.names import OPERATIONS_PATH, dataset_name
from gateway.sandbox.operations import records
from gateway.sandbox.operations.log import Log
from gateway.sandbox.operations.running import Running
from gateway.sandbox.pages import reply_page

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
        found = await self._database.run(partial(records.find_all, dataset=dataset_name(request)))
        page = found[int(start) : int(start) + limit]
        body: dict[str, Any] = {"operations": page} if page else {}
        if len(found) > int(start) + limit:
            body["nextPageToken"] = str(int(start) + limit)
        return reply_json(body)

    async def get(self, request: web.Request) -> web.Response:
        """Return an operation."""
        return reply_json(await self._operation(request))

    async def logs(self, request: web.Request) -> web.Response:
        """Return what failed and why, a line for each: as text, or as HTML or JSON to a client that prefers it."""
        operation = await self._operation(request)
        log = await self._database.run(partial(_log, operation=operation))
        preferred = parse_accept(request.headers.get("Accept", ""))
        kind = preferred[0].name if preferred else ""
        if kind == "application/json":
            return reply_json(log.as_json())
        if kind == "text/html":
            return reply_page(log.as_html())
        return web.Response(text=log.as_text(), content_type="text/plain")

    async def cancel(self, request: web.Request) -> web.Response:
        """Begin to cancel an operation; of one that is done nothing changes."""
        await read_object(request)
        operation = await self._operation(request)
        if not operation.get("done"):
            await self._running.cancel(operation["name"])
        return reply_json({})

    async def _operation(self, request: web.Request) -> dict[str, Any]:
        work = partial(records.get, dataset=dataset_name(request), identifier=request.match_info["operation"])
        return await self._database.run(work)


def _log(connection: sqlite3.Connection, operation: dict[str, Any]) -> Log:
    identifier = operation["name"].rpartition("/")[2]
    return Log(operation, records.log_of(connection, identifier), records.failures(connection, identifier))
