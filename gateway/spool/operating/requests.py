"""What ``hilum spool`` and the admin port ask of the spool alike, each in words that it has read in its own way."""

from gateway.spool import Operations, Page, Selection
from gateway.spool.operating.lookup import require_known
from gateway.spool.operating.selection import (
    FILTERS,
    MOVE_FILTERS,
    Words,
    read_decision,
    read_limit,
    read_move,
    read_selection,
    read_text,
)

PAGE = (*FILTERS, "limit", "after")
"""The words that say which page of which list is meant."""
DECISION = (*FILTERS, "ids", "all")
"""The words that say which entries are decided on."""
MOVE = (*MOVE_FILTERS, "to", "ids")
"""The words that say which entries are given to which destination."""


async def find_page(operations: Operations, words: Words, now: float) -> Page:
    """Return the page that PAGE describe at the epoch second *now*."""
    return await operations.find(read_selection(words, now), read_text(words, "after"), read_limit(words))


async def find_decided(operations: Operations, words: Words, now: float) -> Selection:
    """Return the entries that DECISION describe; raises UnknownEntry if one is named that is not there."""
    selection = read_decision(words, now)
    await require_known(operations, selection)
    return selection


async def find_moved(operations: Operations, words: Words, now: float) -> tuple[Selection, str]:
    """Return the entries that MOVE describe, and their new destination; raises UnknownEntry likewise."""
    selection, to = read_move(words, now)
    await require_known(operations, selection)
    return selection, to
