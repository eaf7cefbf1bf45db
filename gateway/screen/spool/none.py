"""The page of the spool where there is none: no listener is in commit mode."""

from aiohttp import web

from gateway.admin.callers import CALLER
from gateway.screen.rendering import Renderer
from gateway.screen.spool.pages import HERE


class NoSpoolPage:
    """Answers the requests for all that is about a spool."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(HERE, self.page),
            web.get(HERE + "/{rest:.*}", self.page),
            web.post("/actions/{verb}", self.page),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Say that there is no spool."""
        code = 200 if request.path == HERE else 404
        return self._renderer.page("spool/none.html", request[CALLER], here=HERE, code=code)
