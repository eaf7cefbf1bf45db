"""``/api/v1/status``, which the first screen and ``hilum status`` show, and ``/api/v1/observed`` of each worker."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.contract.observed import Observed
from gateway.screen.status_source import StatusSource

STATUS, OBSERVED = "/api/v1/status", "/api/v1/observed"
HEADERS = {"Cache-Control": "no-store"}


def add_status_api(application: web.Application, source: StatusSource) -> None:
    """Add the status to the admin port. It names peers, so the access of the port must demand authentication."""

    async def show(_: web.Request) -> web.Response:
        return web.json_response(await source.status(), headers=HEADERS)

    application.router.add_get(STATUS, show)


def add_observed_api(application: web.Application, observe: Callable[[], Awaitable[Observed]]) -> None:
    """Add what this worker has observed, for the supervisor."""

    async def show(_: web.Request) -> web.Response:
        return web.json_response(await observe(), headers=HEADERS)

    application.router.add_get(OBSERVED, show)
