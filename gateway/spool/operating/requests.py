"""The requests that ``hilum spool`` and the admin port have in common; each reads the words in its own way."""

from dataclasses import replace

from gateway.spool import Operations, Page, Selection
from gateway.spool.combined_operations import read_place
from gateway.spool.operating.lookup import Names, find_record, require_known, require_names
from gateway.spool.operating.selection import (
    FILTERS,
    MOVE_FILTERS,
    Words,
    read_decision,
    read_export,
    read_flag,
    read_limit,
    read_move,
    read_selection,
    read_text,
)

PAGE = (*FILTERS, "newest", "limit", "after")
"""The words that say which page of which list is meant."""
DECISION = (*FILTERS, "ids", "all")
"""The words that say which entries are decided on, or copied."""
MOVE = (*MOVE_FILTERS, "to", "ids")
"""The words that say which entries are given to which destination."""


async def find_page(operations: Operations, words: Words, now: float, names: Names) -> Page:
    """Return the page that the words of PAGE describe at the epoch second *now*.

    Raises UnknownEntry or ConfigError if something named does not exist: an empty list would be misleading then.
    """
    selection, after, limit = read_selection(words, now), read_text(words, "after"), read_limit(words)
    newest = read_flag(words, "newest")
    await require_names(operations, selection, names)
    if after is not None:
        await find_record(operations, read_place(after)[1])
    page = await operations.find(selection, after, limit, newest=newest)
    if not page.records:
        await require_known(operations, selection)
    return page


async def find_decided(operations: Operations, words: Words, now: float, names: Names) -> Selection:
    """Return the entries that the words of DECISION describe; raises as ``find_page`` does."""
    return await _known(operations, read_decision(words, now), names)


async def find_exported(operations: Operations, words: Words, now: float, names: Names) -> Selection:
    """Return the entries that the words of DECISION describe, for a copy of their payloads; raises as ``find_page``."""
    return await _known(operations, read_export(words, now), names)


async def find_moved(operations: Operations, words: Words, now: float, names: Names) -> tuple[Selection, str]:
    """Return the entries that the words of MOVE describe, and their new destination; raises as ``find_page`` does."""
    selection, to = read_move(words, now)
    await require_names(operations, replace(selection, destination=None), names)
    await require_known(operations, selection)
    return selection, to


async def _known(operations: Operations, selection: Selection, names: Names) -> Selection:
    await require_names(operations, selection, names)
    await require_known(operations, selection)
    return selection
