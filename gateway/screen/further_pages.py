"""The pages behind the first screen, as routes of the admin port."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from aiohttp import web

from gateway.admin.spool_acts import SpoolActs
from gateway.causes.site import Site
from gateway.config.loading import Config
from gateway.config.origin import Origin
from gateway.journal.folder import folder_of
from gateway.journal.query import Page, Query
from gateway.journal.search import search
from gateway.screen.messages.pages import Find, MessagePages
from gateway.screen.messages_api import AT_ONCE
from gateway.screen.rendering import Renderer
from gateway.screen.seen.pages import SeenPages
from gateway.screen.settings_shown.groups import grouped
from gateway.screen.settings_shown.pages import ConfigurationPage
from gateway.screen.source import Source
from gateway.screen.spool.none import NoSpoolPage
from gateway.screen.spool.pages import SpoolPages
from gateway.screen.spool.payloads import PayloadPages


def add_further_pages(  # noqa: PLR0913  all of it is needed
    application: web.Application,
    renderer: Renderer,
    source: Source,
    site: Site,
    config: Config,
    *,
    acts: SpoolActs | None = None,
    origin: Origin | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Add the pages of messages, spool, peers, destinations, certificates and configuration.

    *acts* are those on the spool, None if there is none.
    """
    operations = None if acts is None else acts.operations
    where = origin or Origin()
    find = _finding(folder_of(config.data_dir))
    pages = [
        MessagePages(renderer, find, operations, config.listeners, clock),
        SeenPages(renderer, source, site),
        ConfigurationPage(renderer, where.file, partial(grouped, config, where.document)),
        *([NoSpoolPage(renderer)] if acts is None else _of_spool(renderer, acts, config, clock)),
    ]
    for each in pages:
        application.add_routes(each.routes())


def _of_spool(
    renderer: Renderer, acts: SpoolActs, config: Config, clock: Callable[[], float]
) -> list[SpoolPages | PayloadPages]:
    keyed = {name for name, each in config.listeners.items() if getattr(each, "identifiers", "clear") == "keyed"}
    return [PayloadPages(renderer, acts), SpoolPages(renderer, acts, keyed, clock)]


def _finding(folder: Path) -> Find:
    """Return the search of the journal in *folder*, in threads: a page may take the time that a search is given."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def find(query: Query) -> Page:
        async with slots:
            return await asyncio.to_thread(search, folder, query)

    return find
