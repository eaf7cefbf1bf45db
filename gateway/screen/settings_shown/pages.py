"""The page of the configuration in force."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from gateway.admin.callers import CALLER
from gateway.screen.faults import answering
from gateway.screen.rendering import Renderer
from gateway.screen.settings_shown.groups import Group, found_in

HERE = "/configuration"


class ConfigurationPage:
    """Answers the request for this page. What is in force does not change while the process runs."""

    def __init__(self, renderer: Renderer, file: str, groups: Callable[[], list[Group]]) -> None:
        self._renderer = renderer
        self._file = file
        self._make = groups
        self._groups: list[Group] | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [web.get(HERE, answering(self._renderer, HERE, self.page))]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Show the keys, or those that have a text."""
        if self._groups is None:
            self._groups = await asyncio.to_thread(self._make)  # 20 ms for 23 destinations
        text = request.query.get("text", "").strip()
        groups = found_in(self._groups, text) if text else self._groups
        return self._renderer.page(
            "configuration/page.html", request[CALLER], here=HERE, file=self._file, groups=groups, text=text
        )
