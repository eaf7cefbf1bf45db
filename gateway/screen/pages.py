"""The pages of the admin port, as routes of its application."""

import socket
import time
from collections.abc import Callable

from aiohttp import web

from gateway.admin.access import SIGN_IN, Access
from gateway.admin.refusing import SIGN_OUT
from gateway.admin.settings import AdminSettings
from gateway.contract.acts import TellAct
from gateway.screen.assets import ROOT, Assets
from gateway.screen.first_screen import FirstScreen, ReadPipeline
from gateway.screen.live import Live
from gateway.screen.rendering import Renderer
from gateway.screen.signing_in import SigningIn
from gateway.screen.source import Source


def add_pages(  # noqa: PLR0913  all of it is needed
    application: web.Application,
    source: Source,
    access: Access,
    settings: AdminSettings | None = None,
    *,
    tell: TellAct | None = None,
    read_pipeline: ReadPipeline | None = None,
    gateway: str = "",
    clock: Callable[[], float] = time.time,
) -> Renderer:
    """Add the first screen, signing in, and what all pages need; return the renderer, for further pages.

    *tell* reports who signs in to the audit trail; *read_pipeline* is given where there is a research pipeline.
    *gateway* is the name that the pages show; by default the host's.
    """
    assets = Assets()
    renderer = Renderer(gateway or socket.gethostname(), assets, clock)
    first = FirstScreen(renderer, source, read_pipeline)
    live = Live(first.parts, renderer.for_viewer, access.still_in, most_viewers(settings or AdminSettings()))
    signing_in = SigningIn(renderer, access, tell)
    application.add_routes(
        [
            web.get(ROOT + "/{name}", assets.serve),
            web.get("/", first.page),
            web.get("/screen/live", live.serve, allow_head=False),
            web.get("/screen/usual-peers", first.usual_peers),
            web.get(SIGN_IN, signing_in.page),
            web.post(SIGN_IN, signing_in.sign_in),
            web.post(SIGN_OUT, signing_in.sign_out),
        ]
    )
    application.on_shutdown.append(live.close)
    return renderer


def most_viewers(settings: AdminSettings) -> int:
    """Return how many may follow at once: probes, programs and other pages have a quarter of the connections."""
    return max(1, min(settings.max_viewers, settings.max_connections * 3 // 4))
