"""The pages of what is observed, as routes of the admin port."""

from typing import Any

from aiohttp import web

from gateway.admin.callers import CALLER
from gateway.causes.site import Site
from gateway.contract.observed import Case, Status
from gateway.screen.faults import Handler, NotThere, answering
from gateway.screen.rendering import Renderer
from gateway.screen.seen.certificates import certificate_rows
from gateway.screen.seen.notices import noticed
from gateway.screen.seen.peers import peer_rows, rows_of
from gateway.screen.source import Source

NO_DESTINATION = "no destination has this name in the configuration that is in force"
NO_PEER = "no peer of this name has connected since the start"


class SeenPages:
    """Answers the requests for these pages."""

    def __init__(self, renderer: Renderer, source: Source, site: Site) -> None:
        self._renderer = renderer
        self._source = source
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        pages: dict[str, Handler] = {
            "/peers": self.peers,
            "/peers/{peer}": self.peer,
            "/peers/{listener}/{peer}": self.peer,
            "/destinations": self.destinations,
            "/destinations/{name}": self.destination,
            "/certificates": self.certificates,
        }
        return [
            web.get(path, answering(self._renderer, f"/{path.split('/')[1]}", each)) for path, each in pages.items()
        ]

    async def peers(self, request: web.Request) -> web.StreamResponse:
        """Show all peers, or those that match."""
        text, only = request.query.get("text", "").strip(), "unusual" in request.query
        observed, status = await self._source.observed(), await self._source.status()
        rows = peer_rows(observed, status, text, only_unusual=only)
        return self._page(request, "peers", "seen/peers.html", rows=rows, text=text, only=only)

    async def peer(self, request: web.Request) -> web.StreamResponse:
        """Show one peer, at all listeners or at one."""
        peer = request.match_info["peer"]
        observed, status = await self._source.observed(), await self._source.status()
        rows = rows_of(observed, status, peer, request.match_info.get("listener"))
        if not rows:
            raise NotThere(NO_PEER)
        return self._page(
            request,
            "peers",
            "seen/peer.html",
            peer=peer,
            rows=[(row, noticed(row.seen, self._site, observed["at"])) for row in rows],
            cases=rows[0].cases,
            contact=self._site.peer_contacts.get(peer, ""),
        )

    async def destinations(self, request: web.Request) -> web.StreamResponse:
        """Show all destinations."""
        observed, status = await self._source.observed(), await self._source.status()
        rows = [(each, observed["destinations"].get(str(each["name"]))) for each in status["destinations"]]
        return self._page(request, "destinations", "seen/destinations.html", rows=rows)

    async def destination(self, request: web.Request) -> web.StreamResponse:
        """Show one destination."""
        name = request.match_info["name"]
        observed, status = await self._source.observed(), await self._source.status()
        seen = observed["destinations"].get(name)
        if seen is None:
            raise NotThere(NO_DESTINATION)
        row = next((each for each in status["destinations"] if each["name"] == name), {"state": "usual", "words": ""})
        return self._page(
            request,
            "destinations",
            "seen/destination.html",
            name=name,
            seen=seen,
            row=row,
            cases=_cases(status, "destination", name),
            parked=observed["parked"].get(name, {}),
            contact=self._site.destination_contacts.get(name, ""),
        )

    async def certificates(self, request: web.Request) -> web.StreamResponse:
        """Show the certificates in use."""
        observed = await self._source.observed()
        rows = certificate_rows(observed["certificates"], observed["at"])
        return self._page(request, "certificates", "seen/certificates.html", rows=rows)

    def _page(self, request: web.Request, here: str, template: str, **values: Any) -> web.Response:
        return self._renderer.page(template, request[CALLER], here=f"/{here}", **values)


def _cases(status: Status, kind: str, name: str) -> list[Case]:
    return [each for each in status["cases"] if (each["subject_kind"], each["subject"]) == (kind, name)]
