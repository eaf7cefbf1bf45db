"""The pages of the spool, as routes of the admin port."""

import time
from collections.abc import Callable, Container
from typing import Any

from aiohttp import web

from gateway.admin.callers import CALLER, caller_of
from gateway.admin.spool_acts import Actor, SpoolActs
from gateway.screen.faults import Handler, NotThere, answering
from gateway.screen.rendering import Renderer
from gateway.screen.spool.deciding import VERBS, Asked, Deciding, read_form
from gateway.screen.spool.overview import overview
from gateway.screen.spool.selecting import address_of, fields_of, filters_in, words_of
from gateway.spool import Record, Selection, State
from gateway.spool.operating.lookup import find_record
from gateway.spool.operating.requests import PAGE, find_page
from gateway.spool.operating.selection import UNDECIDED

HERE = "/spool"
NO_VERB = "there is no such act; messages of the spool can be retried or discarded"


class SpoolPages:
    """Answers the requests for these pages; raises GatewayError where there is nothing to show."""

    def __init__(
        self,
        renderer: Renderer,
        acts: SpoolActs,
        keyed: Container[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._renderer = renderer
        self._acts = acts
        self._operations = acts.operations
        self._deciding = Deciding(acts)
        self._keyed = keyed
        """Listeners whose control IDs may be built from a patient's number, so that they are not shown."""
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        pages = {"/spool": self.overview, "/spool/entries": self.entries, "/spool/entries/{id}": self.entry}
        shown = [web.get(path, self._answering(each)) for path, each in pages.items()]
        return [
            *shown,
            web.post("/actions/{verb}", self._answering(self.act)),
            web.get("/actions/{act}", self._answering(self.done)),
        ]

    async def overview(self, request: web.Request) -> web.StreamResponse:
        """Show what waits and what is parked."""
        held = overview(await self._operations.totals_by_reason(Selection()), self._acts.destinations)
        set_aside = await self._operations.set_aside()
        return self._page(request, "spool/overview.html", held=held, set_aside=set_aside)

    async def entries(self, request: web.Request) -> web.StreamResponse:
        """Show one page of the entries that match."""
        words = words_of(request.query.items(), PAGE)
        page = await find_page(self._operations, words, self._clock(), self._acts.names)
        filters = filters_in(words)
        return self._page(
            request,
            "spool/entries.html",
            records=page.records,
            words=words,
            filters=fields_of(filters),
            decides=bool(filters) and words.get("state", State.PARKED) in UNDECIDED,
            identifier=self._identifier,
            first=address_of(**{name: value for name, value in words.items() if name != "after"}),
            older=address_of(**{**words, "after": page.next}) if page.next else None,
            destinations=sorted(self._acts.names.destinations),
            states=list(State),
        )

    async def entry(self, request: web.Request) -> web.StreamResponse:
        """Show one entry."""
        record = await find_record(self._operations, request.match_info["id"])
        is_configured = record.destination in self._acts.destinations
        return self._page(
            request,
            "spool/entry.html",
            record=record,
            identifier=self._identifier,
            is_undecided=record.state in UNDECIDED,
            is_configured=is_configured,
        )

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Ask back what a form would do, or do it."""
        verb = request.match_info["verb"]
        if verb not in VERBS:
            raise NotThere(NO_VERB)
        fields = [(name, value) for name, value in (await request.post()).items() if isinstance(value, str)]
        actor = Actor(caller_of(request), request.remote or "")
        found = await self._deciding.decide(read_form(verb, fields), actor, self._clock())
        if isinstance(found, Asked):
            return self._page(request, "spool/ask.html", asked=found, fields=fields_of(found.words))
        raise web.HTTPSeeOther(f"/actions/{found}")

    async def done(self, request: web.Request) -> web.StreamResponse:
        """Show what became of an act."""
        result = self._deciding.remembered.result(request.match_info["act"])
        return self._page(request, "spool/done.html", result=result)

    def _identifier(self, record: Record) -> str:
        return "" if record.listener in self._keyed else " ".join(record.identifiers.values())

    def _page(self, request: web.Request, template: str, **values: Any) -> web.Response:
        return self._renderer.page(template, request[CALLER], here=HERE, **values)

    def _answering(self, handler: Handler) -> Handler:
        return answering(self._renderer, HERE, handler)
