"""Tells the journal what operators decide of spooled messages, where they do it through the gateway."""

import time
from typing import Any

from gateway.contract.journal import Attempted, Record
from gateway.spool.interface import Operations, Selection, SpoolError
from gateway.spool.interface import Record as Entry

MOST_TOLD = 1000
"""Entries of one decision that are told, so that a decision about very many does not wait for the journal."""
RETRIED = "an operator has asked for it"


class RecordedOperations:
    """The ``Operations`` of a spool; what is retried or discarded is told to *record*."""

    def __init__(self, operations: Operations, record: Record) -> None:
        self._operations = operations
        self._record = record

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operations, name)

    async def retry(self, selection: Selection) -> int:
        """Retry what is selected; return the number of entries."""
        entries = await self._selected(selection)
        count = await self._operations.retry(selection)
        self._tell(entries, count, "retried", RETRIED)
        return count

    async def discard(self, selection: Selection, reason: str, by: str) -> int:
        """Discard what is selected; return the number of entries. The operator's reason is not in the journal."""
        entries = await self._selected(selection)
        count = await self._operations.discard(selection, reason, by)
        self._tell(entries, count, "discarded", "an operator has discarded it")
        return count

    async def _selected(self, selection: Selection) -> list[Entry]:
        try:
            return list((await self._operations.find(selection, limit=MOST_TOLD)).records)
        except SpoolError:  # the decision itself may still be possible
            return []

    def _tell(self, entries: list[Entry], count: int, outcome: str, reason: str) -> None:
        """Tell of *entries*, unless none was changed; some may have been settled meanwhile."""
        for each in entries if count else ():
            told = Attempted(
                time.time(),
                each.message_id,
                {"listener": each.listener},
                "",
                each.identifiers,
                each.size,
                outcome,
                reason,
                each.destination,
                each.attempts,
                0.0,
            )
            self._record(told)
