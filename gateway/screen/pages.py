"""The pages of the admin port, as routes of its application."""

import socket
import time
from collections.abc import Callable

from aiohttp import web

from gateway.screen.assets import ROOT, Assets
from gateway.screen.first_screen import FirstScreen
from gateway.screen.rendering import Renderer
from gateway.screen.source import Source


def add_pages(
    application: web.Application, source: Source, *, gateway: str = "", clock: Callable[[], float] = time.time
) -> Renderer:
    """Add the first screen and what all pages need; return the renderer, for further pages.

    *gateway* is the name that the pages show; by default that of the host.
    """
    assets = Assets()
    renderer = Renderer(gateway or socket.gethostname(), assets, clock)
    first = FirstScreen(renderer, source)
    application.add_routes(
        [
            web.get(ROOT + "/{name}", assets.serve),
            web.get("/", first.page),
            web.get("/screen/usual-peers", first.usual_peers),
        ]
    )
    return renderer
