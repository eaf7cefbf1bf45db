"""What a page says when it cannot be made: the reason and the mend, as everywhere, and the way back."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from gateway.admin.callers import CALLER
from gateway.contract.errors import ConfigError, GatewayError
from gateway.screen.rendering import Renderer
from gateway.spool import PayloadDamaged, SpoolError
from gateway.spool.operating.lookup import PayloadGone, UnknownEntry

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAID: Mapping[type[GatewayError], tuple[int, str]] = {
    ConfigError: (400, "This cannot be done"),
    UnknownEntry: (404, "There is no such message"),
    PayloadGone: (410, "The payload is gone"),
    PayloadDamaged: (500, "The payload is damaged"),
    SpoolError: (503, "The spool cannot be read now"),
    GatewayError: (400, "This cannot be done"),
}
"""The status and the title for each kind of error."""


class NotThere(GatewayError):  # noqa: N818 - it names what happened
    """A page is about something that is not there."""


def answering(renderer: Renderer, here: str, handler: Handler) -> Handler:
    """Return *handler* with its errors as pages; *here* is the page that its way back leads to."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except NotThere as error:
            status, title, text = 404, "There is no such thing", str(error)
        except GatewayError as error:
            status, title = next(said for kind, said in SAID.items() if isinstance(error, kind))
            text = str(error)
        return renderer.page("message.html", request[CALLER], here=here, code=status, title=title, text=text, back=here)

    return answer
