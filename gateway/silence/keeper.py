"""Moves what is known of the peers between memory and disk; the gateway goes on without the disk."""

import asyncio

import structlog

from gateway.silence.roster import Roster
from gateway.silence.store import Store, StoreFault, as_rows

log = structlog.get_logger()

MEND = "correct the permissions, free space, or end what else has it open; until then what was learnt is in memory only"
ASIDE = "nothing to do: what is usual is learnt again, which takes three weeks; the file may be removed"


class Keeper:
    """Reads the store at the start and writes it afterwards."""

    def __init__(self, store: Store, roster: Roster) -> None:
        self._store = store
        self._roster = roster
        self._is_read = False
        self._told = ""

    async def load(self) -> None:
        """Give the roster what the store has. If it cannot be read now, that is tried again before it is written."""
        try:
            self._roster.restore(await asyncio.to_thread(self._store.read))
        except StoreFault as fault:
            self._tell(fault)
            self._is_read = fault.set_aside is not None
        else:
            self._is_read = True

    async def save(self) -> None:
        """Write what the roster knows, unless that would replace what could not be read yet."""
        if not self._is_read:
            await self.load()
        if not self._is_read:
            return
        try:
            await asyncio.to_thread(self._store.save, as_rows(self._roster.estimates))
        except StoreFault as fault:
            self._tell(fault)
        else:
            self._told = ""

    def _tell(self, fault: StoreFault) -> None:
        """Log a fault, once until the next success."""
        if fault.set_aside is not None:
            log.error("silence_set_aside", path=str(fault.set_aside), reason=fault.reason, mend=ASIDE)
        elif fault.reason != self._told:
            self._told = fault.reason
            log.error("silence_not_kept", path=str(self._store.path), reason=fault.reason, mend=MEND)
