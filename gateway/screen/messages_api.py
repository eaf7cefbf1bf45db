"""``/api/v1/messages``: what became of messages, from the files of the journal.

It needs no worker: with several workers the supervisor reads the segments of all of them.
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from gateway.contract.errors import ConfigError
from gateway.journal.asking import WORDS, read_query
from gateway.journal.folder import folder_of
from gateway.journal.rendering import page_as_json
from gateway.journal.search import search

ROOT = "/api/v1/messages"
AT_ONCE = 2
"""Searches at a time; each takes a thread for 0.1 s at most."""
HEADERS = {"Cache-Control": "no-store"}


def add_messages_api(application: web.Application, data_dir: Path) -> None:
    """Add the journal to the admin port. It has identifiers, so the access of the port must demand authentication."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def show(request: web.Request) -> web.Response:
        try:
            query = read_query(_words(request), time.time())
            async with slots:
                page = await asyncio.to_thread(search, folder_of(data_dir), query)
        except ConfigError as error:
            return web.json_response({"error": str(error)}, status=400, headers=HEADERS)
        except OSError as error:
            text = f"the journal cannot be read: {error.strerror}"
            return web.json_response({"error": text}, status=503, headers=HEADERS)
        return web.json_response(page_as_json(page), headers=HEADERS)

    application.router.add_get(ROOT, show)


def _words(request: web.Request) -> Mapping[str, str]:
    """Return the words of the query; raises ConfigError for one that is unknown or given twice."""
    for name in request.query:
        if name not in WORDS:
            raise ConfigError(f"{name[:40]}: is not known; use {', '.join(WORDS)}")
        if len(request.query.getall(name)) > 1:
            raise ConfigError(f"{name}: is given twice; give it once")
    return request.query
