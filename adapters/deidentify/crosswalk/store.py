"""The crosswalk of one process: looks pseudonyms up and records new ones. All calls block.

The file decides: of two processes that meet the same patient at the same time, the first records its pseudonym, and the
second finds it. A pseudonym is on stable storage (:meth:`Crosswalk.settle`) before a message with it goes on.
"""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from adapters.deidentify.crosswalk.database import check, connect, sync, unusable
from adapters.deidentify.crosswalk.sealing import DAMAGED, Entry, Sealer
from adapters.deidentify.errors import CrosswalkError

MOST_KNOWN = 16384
"""Entries that are kept in memory, so that they are not looked up again."""
MOST_TRIES = 4
"""How many pseudonyms are made for one identifier when another one has them: by chance this does not happen once."""
TAKEN = "the crosswalk has the new pseudonym for another identifier already"
FIND = "SELECT sealed FROM entries WHERE tag = ?"
RECORD = "INSERT INTO entries (tag, pseudonym, sealed) VALUES (?, ?, ?) ON CONFLICT (tag) DO NOTHING"


class Crosswalk:
    """One crosswalk file; it is made and opened when the first entry is asked for."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._sealer = path, Sealer(key)
        self._connection: sqlite3.Connection | None = None
        self._known: dict[bytes, str] = {}
        self._lock, self._settling = threading.Lock(), threading.Lock()
        self._is_settled = True

    def check(self) -> None:
        """Raise CrosswalkError if the file cannot be used with this key."""
        check(self._path, self._sealer)

    def pseudonym(
        self, scope: str, place: tuple[str, str, str], make: Callable[[], str], *, reversible: bool = True
    ) -> str:
        """Return the pseudonym of the identifier at *place* (purpose, domain, value), or record a new one.

        One that is not *reversible* is not found by :meth:`originals`. Raises CrosswalkError if the file fails.
        """
        tag = self._sealer.tag(scope, *place)
        with self._lock:
            known = self._known.get(tag)
            if known is None:
                try:
                    known = self._find(tag) or self._record(tag, scope, place, make, reversible=reversible)
                except sqlite3.Error as error:
                    raise unusable(error) from None
                if len(self._known) >= MOST_KNOWN:
                    self._known.clear()
                self._known[tag] = known
        return known

    def settle(self) -> None:
        """Return when all that was returned until now is on stable storage; raises CrosswalkError if that fails."""
        with self._settling:
            if self._is_settled:
                return
            self._is_settled = True
            try:
                # What is committed is in the write-ahead log, or a checkpoint has synced it (sqlite.org/wal.html).
                sync(self._path.with_name(f"{self._path.name}-wal"))
            except OSError as error:
                self._is_settled = False
                raise unusable(error) from None

    def originals(self, pseudonym: str) -> Entry | None:
        """Return what a pseudonym stands for, or None if it is not in the file; raises CrosswalkError if it fails."""
        with self._lock:
            try:
                found = self._open().execute(
                    "SELECT sealed FROM entries WHERE pseudonym = ?", [self._sealer.tag("pseudonym", pseudonym)]
                )
                row = found.fetchone()
            except sqlite3.Error as error:
                raise unusable(error) from None
        entry = None if row is None else self._sealer.open(row[0])
        if entry is not None and entry.pseudonym != pseudonym:
            raise CrosswalkError(DAMAGED)
        return entry

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, self._sealer)
        return self._connection

    def _find(self, tag: bytes) -> str | None:
        """Return the pseudonym of a tag. Another process may have recorded it a moment ago, so it is to be settled."""
        row = self._open().execute(FIND, [tag]).fetchone()
        if row is None:
            return None
        self._is_settled = False
        entry = self._sealer.open(row[0])
        if tag != self._sealer.tag(entry.scope, entry.purpose, entry.domain, entry.value):
            raise CrosswalkError(DAMAGED)  # somebody has exchanged rows
        return entry.pseudonym

    def _record(
        self, tag: bytes, scope: str, place: tuple[str, str, str], make: Callable[[], str], *, reversible: bool
    ) -> str:
        for _ in range(MOST_TRIES):
            entry = Entry(scope, *place, make())
            back = self._sealer.tag("pseudonym", entry.pseudonym) if reversible else None
            try:
                self._open().execute(RECORD, [tag, back, self._sealer.seal(entry)])
            except sqlite3.IntegrityError:
                continue
            found = self._find(tag)
            if found is not None:
                return found
        raise CrosswalkError(TAKEN)
