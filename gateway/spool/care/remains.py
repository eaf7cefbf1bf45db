"""Removes from a spool's files what they still hold of payloads that were deleted.

The write-ahead log holds payloads until it is truncated; ``secure_delete`` overwrites what SQLite frees in the
database. Neither reaches the copies that SQLite leaves in a page's unused space when it moves rows from page to page:
these go when the table of payloads is written anew, which is done while it is small.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from gateway.spool.damage import ERRORS, UNEXPECTED
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.schema import BUSY_SECONDS

IDLE_SECONDS = 2.0
"""The log is truncated when nothing has been written for this long."""
LATEST_SECONDS = 60.0
"""The log is truncated at the latest this long after the first write to it."""
AGAIN_SECONDS = 1.0
"""The pause before the next try, if a reader has prevented the last one."""
REWRITE_SECONDS = 600.0
"""The waiting payloads are written anew at most this often: each time costs the disk twice their octets."""
MOST_REWRITTEN = 1000
"""With more payloads than this, or more than MOST_OCTETS in the database, they are not written anew."""
MOST_OCTETS = 4 * 2**20
LAST_TRIES = 20
"""How often truncating the log is tried when the spool is closed and somebody reads."""
LAST_PAUSE = 0.1
"""Seconds between two of these tries."""


class Remains:
    """Used in the writer's thread, between transactions."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        ledger: Ledger,
        now: Callable[[], float] = time.monotonic,
        *,
        owner: bool = True,
    ) -> None:
        self._connection, self._ledger, self._now = connection, ledger, now
        # What an earlier process has left counts as written now, and as not yet rewritten.
        self._first = now() if owner else None
        """When the log was first written to since it was truncated; None if nothing of this process is in it."""
        self._due = now() + IDLE_SECONDS
        self._dropped = -1 if owner else 0
        """How many payloads had been deleted when the table was last written anew."""
        self._rewritten = float("-inf")

    def wrote(self) -> None:
        """Take note that something was written."""
        now = self._now()
        if self._first is None:
            self._first = now
        self._due = min(now + IDLE_SECONDS, max(self._first + LATEST_SECONDS, self._due))

    def seconds_left(self) -> float | None:
        """Return the seconds until something is to be done; None if there is nothing to do."""
        if self._first is not None:
            return max(0.0, self._due - self._now())
        return max(0.0, self._rewritten + REWRITE_SECONDS - self._now()) if self._is_stale() else None

    def _is_stale(self) -> bool:
        return self._ledger.dropped != self._dropped

    def clear(self) -> None:
        """Do what can be done without holding up anybody; the rest is tried again."""
        self._first = self._now() if self._first is None else self._first  # what is written here must go, too
        with suppress(*ERRORS), self._without_waiting():
            if self._now() >= self._rewritten + REWRITE_SECONDS:
                self._rewrite()
            if self._cut():
                self._first = None
                return
        self._due = self._now() + AGAIN_SECONDS

    def clear_at_the_end(self) -> None:
        """Do all of it; wait a short time for whoever reads just now."""
        if self._first is None and not self._is_stale():
            return
        with suppress(*ERRORS), self._without_waiting():
            self._rewrite()
            for _ in range(LAST_TRIES):
                if self._cut():
                    break
                time.sleep(LAST_PAUSE)

    @contextmanager
    def _without_waiting(self) -> Iterator[None]:
        """Let SQLite fail at once instead of waiting for readers: while it waits, nobody else can write."""
        self._connection.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    def _cut(self) -> bool:
        """Write the log back to the database and truncate it; tell whether no reader prevented that."""
        (held_up, *_) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not held_up

    def _rewrite(self) -> None:
        """Write the table of payloads anew if some have gone, and the others are few."""
        if not self._is_stale():
            return
        execute, dropped = self._connection.execute, self._ledger.dropped
        execute("BEGIN IMMEDIATE")
        before, self._rewritten = self._rewritten, self._now()
        try:
            if self._are_few():
                rows = execute("SELECT message, encrypted, data, file FROM payloads").fetchall()
                execute("DELETE FROM payloads")  # all of its pages are freed, and cleared with that
                insert = "INSERT INTO payloads (message, encrypted, data, file) VALUES (?, ?, ?, ?)"
                self._connection.executemany(insert, rows)
                self._dropped = dropped
                self._rewritten = self._rewritten if rows else before
            execute("COMMIT")
        except (*ERRORS, *UNEXPECTED):  # a full disk, or damage, which shows when the rows are read
            if self._connection.in_transaction:
                execute("ROLLBACK")

    def _are_few(self) -> bool:
        sql = "SELECT count(*), coalesce(sum(length(data)), 0) FROM (SELECT data FROM payloads LIMIT ?)"
        count, octets = self._connection.execute(sql, (MOST_REWRITTEN + 1,)).fetchone()
        return bool(count <= MOST_REWRITTEN and octets <= MOST_OCTETS)
