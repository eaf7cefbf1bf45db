"""Removes from a spool's files what they still hold of payloads that are gone.

What was written ahead stays in the log until the log is cut; ``secure_delete`` clears what SQLite frees in the
database. Neither reaches the copies that SQLite leaves in a page's unused space when it moves rows from page to page:
they go when the table of payloads is written anew, which is done while it is small.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from gateway.spool.damage import ERRORS, UNEXPECTED
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.schema import BUSY_SECONDS

IDLE_SECONDS = 2.0
"""The log is cut when nothing has been written for so long,"""
LATEST_SECONDS = 60.0
"""and at the latest so long after the first write to it."""
AGAIN_SECONDS = 1.0
"""When to try again what somebody who reads does not allow now."""
REWRITE_SECONDS = 600.0
"""The payloads that wait are not written anew more often than that: each time costs the disk twice their octets."""
MOST_REWRITTEN = 1000
"""With more payloads than that, or more octets of them in the database, they are left until fewer wait."""
MOST_OCTETS = 4 * 2**20
LAST_TRIES = 20
"""How often the log is tried to be cut at the end, where somebody reads,"""
LAST_PAUSE = 0.1
"""and the seconds between two tries."""


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
        """When the log was first written to since it was cut; None where nothing of ours is in it."""
        self._due = now() + IDLE_SECONDS
        self._dropped = -1 if owner else 0
        """Payloads that had gone when the table was last written anew."""
        self._rewritten = float("-inf")

    def wrote(self) -> None:
        """Take note that something was written."""
        now = self._now()
        if self._first is None:
            self._first = now
        self._due = min(now + IDLE_SECONDS, max(self._first + LATEST_SECONDS, self._due))

    def seconds_left(self) -> float | None:
        """Return in how long something is to be done; None if nothing remains."""
        if self._first is not None:
            return max(0.0, self._due - self._now())
        return max(0.0, self._rewritten + REWRITE_SECONDS - self._now()) if self._is_stale() else None

    def _is_stale(self) -> bool:
        return self._ledger.dropped != self._dropped

    def clear(self) -> None:
        """Do what can be done without holding up anybody; the rest is tried again."""
        self._first = self._now() if self._first is None else self._first  # what is written here is to be cut, too
        with suppress(*ERRORS), self._without_waiting():
            if self._now() >= self._rewritten + REWRITE_SECONDS:
                self._rewrite()
            if self._cut():
                self._first = None
                return
        self._due = self._now() + AGAIN_SECONDS

    def clear_at_the_end(self) -> None:
        """Do all of it; who reads just now is waited for a little."""
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
        """While SQLite waits for those who read, nobody else can write."""
        self._connection.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    def _cut(self) -> bool:
        """Write the log back to the database and cut it to nothing; tell whether nobody was in the way."""
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
        except (*ERRORS, *UNEXPECTED):  # a full disk, or damage: that is for those to find who read the rows
            if self._connection.in_transaction:
                execute("ROLLBACK")

    def _are_few(self) -> bool:
        sql = "SELECT count(*), coalesce(sum(length(data)), 0) FROM (SELECT data FROM payloads LIMIT ?)"
        count, octets = self._connection.execute(sql, (MOST_REWRITTEN + 1,)).fetchone()
        return bool(count <= MOST_REWRITTEN and octets <= MOST_OCTETS)
