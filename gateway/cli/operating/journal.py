"""``hilum journal``: what became of messages, from the files; the gateway may run or not."""

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from gateway.config.loading import Config
from gateway.config.parts import load_part
from gateway.contract.errors import ConfigError
from gateway.contract.settings import File, Settings
from gateway.journal.asking import WORDS, read_query
from gateway.journal.folder import folder_of, segments_in
from gateway.journal.query import Page, Query
from gateway.journal.rendering import as_time, found_as_json, table
from gateway.journal.schema import time_of
from gateway.journal.search import search

DONE, FAILED = 0, 1
PATIENCE_SECONDS = 5.0
"""A person waits so long for a full page."""
EMPTY = "there is no journal; no gateway with this data_dir has written one yet"


class JournalPart(Settings):
    """The part of a configuration that is read."""

    data_dir: File = Config.model_fields["data_dir"].default


def journal(options: Namespace) -> int:
    """Print one page of the rows that match, the newest first."""
    data_dir: Path = load_part(options.config, JournalPart).data_dir
    folder = folder_of(data_dir)
    query = read_query({name: getattr(options, name) for name in WORDS}, time.time())
    try:
        if not segments_in(folder):
            raise ConfigError(f"data_dir: {data_dir}: {EMPTY}")
        page = _page(folder, query)
    except OSError as error:
        reason = f"the journal cannot be read: {error.strerror}; run this as the user of hilum serve"
        raise ConfigError(f"data_dir: {data_dir}: {reason}") from None
    if options.json:
        _print(json.dumps(found_as_json(each)) for each in page.found)
    elif page.found:
        _print(table(page.found))
    _tell(page)
    return DONE if page.found else FAILED


def _page(folder: Path, query: Query) -> Page:
    """Return a page that is full, if that takes no longer than a person waits."""
    due = time.monotonic() + PATIENCE_SECONDS
    page = search(folder, query)
    found, unread = list(page.found), set(page.unread)
    while page.searched_back_to is not None and len(found) < query.limit and time.monotonic() < due:
        page = search(folder, replace(query, before=page.next, limit=query.limit - len(found)))
        found += page.found
        unread |= set(page.unread)
    return Page(found, page.next, page.searched_back_to, sorted(unread))


def _tell(page: Page) -> None:
    if not page.found:
        _say("nothing was found")
    if page.unread:
        _say(f"these files cannot be read, and are not searched: {', '.join(page.unread)}")
    if page.next is not None:
        _say(f"searched back to {as_time(time_of(page.next))}; continue with --before {page.next}")


def _say(text: str) -> None:
    print(f"hilum: {text}", file=sys.stderr)  # noqa: T201  the command line speaks to a person


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)  # noqa: T201  it is the command's result
