"""Templates to HTML. Every value is escaped; a name that a template misspells is an error and not an empty place."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway import __version__
from gateway.admin.callers import NOBODY, Caller
from gateway.causes.wording import size
from gateway.screen.assets import Assets
from gateway.screen.contacts import contact_link
from gateway.screen.headers import HEADERS
from gateway.screen.states import ICONS, TONES, chip
from gateway.screen.times import age, ago, lasting, moment, second, short, with_times
from gateway.screen.verbs import anchor_of, link_of
from gateway.screen.words import in_path, our_address, side, without_full_stop

TEMPLATES = Path(__file__).parent / "templates"

NAVIGATION = (
    ("/", "Now"),
    ("/messages", "Messages"),
    ("/spool", "Spool"),
    ("/peers", "Peers"),
    ("/destinations", "Destinations"),
    ("/certificates", "Certificates"),
    ("/configuration", "Configuration"),
)
"""The pages, as every page names them on top."""


class Renderer:
    """All templates, compiled once."""

    def __init__(self, gateway: str, assets: Assets, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.csrf_mark = secrets.token_hex(16)
        """Stands for the viewer's token while a part is rendered once for all viewers."""
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "contact": contact_link,
            "lasting": lasting,
            "moment": lambda epoch: moment(epoch, self._clock()),
            "with_times": lambda text: with_times(text, self._clock()),
            "age": lambda epoch: age(self._clock() - epoch),
            "ago": lambda epoch: ago(self._clock() - epoch),
            "anchor": anchor_of,
            "in_path": in_path,
            "link": link_of,
            "our_address": our_address,
            "second": lambda epoch: second(epoch, self._clock()),
            "short": short,
            "side": side,
            "size": size,
            "without_full_stop": without_full_stop,
        }
        self._environment.globals |= {
            "asset": assets.address,
            "csrf_mark": self.csrf_mark,
            "gateway": gateway,
            "icons": ICONS,
            "state_chip": chip,
            "navigation": NAVIGATION,
            "now": self._clock,
            "tones": TONES,
            "version": __version__,
        }

    def part(self, template: str, **values: object) -> str:
        """Render *template*. Forms in it have ``csrf_mark`` for the token, which ``for_viewer`` replaces."""
        return self._environment.get_template(template).render(values)

    def for_viewer(self, html: str, viewer: Caller) -> str:
        """Return what was rendered for all viewers with the token of one."""
        return html.replace(self.csrf_mark, viewer.csrf)

    def page(
        self, template: str, viewer: Caller | None = None, *, here: str = "", code: int = 200, **values: object
    ) -> web.Response:
        """Answer with a page; *here* is its address in the navigation. Without *viewer* it is one for strangers."""
        html = self.part(template, viewer=viewer, here=here, **values)
        text = self.for_viewer(html, viewer or NOBODY)
        return web.Response(text=text, content_type="text/html", status=code, headers=HEADERS)
