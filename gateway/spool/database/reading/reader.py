"""Reads in a thread of its own, so that no read holds up the event loop or another reader."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gateway.spool.damage import DAMAGED, ERRORS, UNEXPECTED, Damage, name_of
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.writer import CLOSED
from gateway.spool.interface import SpoolDamaged, SpoolError

T = TypeVar("T")


class Reader:
    """A connection that only reads, and the thread it is used in."""

    def __init__(self, connection: sqlite3.Connection, name: str, damage: Damage) -> None:
        self._queries = Queries(connection)
        self._damage = damage
        self._closed = False
        self._thread = ThreadPoolExecutor(1, name)

    async def __call__(self, work: Callable[[Queries], T]) -> T:
        """Return what *work* finds; raises SpoolError if the database cannot be read, SpoolDamaged if it never can."""
        if self._closed:
            raise SpoolError(CLOSED)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._queries)
        except (*ERRORS, *UNEXPECTED, SpoolDamaged) as error:
            self._damage.note(error)
            if self._damage.found:
                raise SpoolDamaged(DAMAGED) from None
            raise SpoolError(f"the spool cannot be read ({name_of(error)})") from None

    async def close(self) -> None:
        """Finish what runs, then close the connection."""
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._queries.close)
        self._thread.shutdown()
