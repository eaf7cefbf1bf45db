"""The pages of messages, as routes of the admin port."""

import time
from collections.abc import Awaitable, Callable, Collection

from aiohttp import web

from gateway.admin.callers import CALLER
from gateway.contract.errors import ConfigError
from gateway.journal.asking import read_query
from gateway.journal.query import ASKED_OUTCOMES, MOST_PER_PAGE, Page, Query
from gateway.screen.faults import NotThere, answering
from gateway.screen.messages.asking import HERE, address_of, words_of
from gateway.screen.messages.life import life_of
from gateway.screen.messages.spooled import entries_of
from gateway.screen.rendering import Renderer
from gateway.spool import Operations

Find = Callable[[Query], Awaitable[Page]]
"""Returns a page of the journal."""


class MessagePages:
    """Answers the requests for these pages."""

    def __init__(
        self,
        renderer: Renderer,
        find: Find,
        operations: Operations | None,
        listeners: Collection[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._renderer = renderer
        self._find = find
        self._operations = operations
        self._listeners = sorted(listeners)
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get(HERE, answering(self._renderer, HERE, self.search)),
            web.get(f"{HERE}/{{id}}", answering(self._renderer, HERE, self.life)),
        ]

    async def search(self, request: web.Request) -> web.StreamResponse:
        """Show the search form, and what was found."""
        fault, page, words = "", Page(()), words_of(request.query.items())
        try:
            page = await self._find(read_query(words, self._clock()))
        except ConfigError as error:
            fault = str(error)
        except OSError as error:
            fault = f"the journal cannot be read: {error.strerror}; see data_dir, and journal.enabled"
        return self._renderer.page(
            "messages/search.html",
            request[CALLER],
            here=HERE,
            code=400 if fault else 200,
            fault=fault,
            given=words,
            page=page,
            older=None if page.next is None else address_of(words, page.next),
            newest=address_of(words) if "before" in words else None,
            outcomes=ASKED_OUTCOMES,
            listeners=self._listeners,
        )

    async def life(self, request: web.Request) -> web.StreamResponse:
        """Show what became of one message."""
        message_id = request.match_info["id"]
        page = await self._find(Query(identifier=message_id, limit=MOST_PER_PAGE))
        life = life_of(message_id, [each.row for each in page.found])
        if life is None:
            raise NotThere(
                "no message of that ID is in the journal; it may be older than journal.days, or not written yet"
            )
        entries = await entries_of(life, self._operations)
        return self._renderer.page("messages/life.html", request[CALLER], here=HERE, life=life, entries=entries)
