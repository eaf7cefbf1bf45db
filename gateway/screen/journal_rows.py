"""Rows of the journal for explanations; none where no journal is kept or it cannot be read."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from gateway.contract.journal import Row
from gateway.journal.folder import folder_of
from gateway.journal.query import Query
from gateway.journal.search import search

MOST_OF_MESSAGE, MOST_OF_PEER = 100, 10


class JournalRows:
    """Searches the journal below *data_dir*, in a thread, for 0.1 s at most."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = folder_of(data_dir)
        self._slots = asyncio.Semaphore(2)

    async def of_message(self, name: str) -> Sequence[Row]:
        """Return the rows with this control ID, SOP Instance UID or message ID."""
        found = await self._search(Query(identifier=name, limit=MOST_OF_MESSAGE))
        ids = {each.message_id for each in found}
        if name in ids or len(ids) != 1:
            return found
        more = await self._search(Query(identifier=ids.pop(), limit=MOST_OF_MESSAGE))  # attempts may have no other ID
        return list(dict.fromkeys([*found, *more]))

    async def of_peer(self, name: str) -> Sequence[Row]:
        """Return the last rows of this peer, the latest first."""
        return await self._search(Query(peer=name, limit=MOST_OF_PEER))

    async def _search(self, query: Query) -> Sequence[Row]:
        try:
            async with self._slots:
                page = await asyncio.to_thread(search, self._folder, query)
        except OSError:
            return ()
        return [each.row for each in page.found]
