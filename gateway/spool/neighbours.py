"""Reads the spools that this process does not own, and tells which deliveries have to wait for earlier ones there.

Messages of one key or identity are in several spools if a peer's worker was missing for a while, or if a gateway was
started before its predecessor had ended. Nothing is written to these spools; SQLite's write-ahead log lets others read.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway.contract.errors import GatewayError
from gateway.spool.damage import ERRORS, code_of, name_of
from gateway.spool.database.connections import DATABASE
from gateway.spool.database.ledger import Key
from gateway.spool.database.pseudonyms import Pseudonyms
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.reading.rows import QueueHead
from gateway.spool.database.schema import VERSION, read_beside, start_of, version_of
from gateway.spool.folders import existing_folders
from gateway.spool.interface import SpoolError
from gateway.spool.log.asking import ask
from gateway.spool.log.files import has_records
from gateway.spool.payloads.seal import Seal

T = TypeVar("T")
LIST_SECONDS = 2.0
"""How old the list of spools may be; it is renewed at once where the folder of all spools has changed."""
SETTLED_NS = 10**9
"""If a folder's last change is older than this, any later change gives it another time, however coarse times are."""
PROBLEMS = (*ERRORS, GatewayError, OSError, KeyError, TypeError, ValueError)
IN_USE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A spool that is read beside its owner."""

    queries: Queries
    pseudonyms: Pseudonyms


class Neighbours:
    """The spools beside one that this process owns. Used in one thread at a time; must be closed."""

    def __init__(self, spool: Path, seal: Seal, pseudonyms: Pseudonyms) -> None:
        self._spool, self._seal, self._pseudonyms = spool, seal, pseudonyms
        self._paths: dict[str, Path] = {}
        self._left_out: set[str] = set()
        """Those that could not be read, until the next list."""
        self._listed = 0.0
        self._changed: int | None = None
        """When the folder of all spools was last changed; None if it may have been changed since."""
        self._open: dict[str, Neighbour] = {}

    def behind(self, queries: Queries, destination: str, heads: Sequence[QueueHead], ours: Set[str]) -> set[Key]:
        """Return those of *heads* that have to wait for an earlier delivery in a spool that is none of *ours*.

        *queries* reads the spool of the *heads*. A spool that cannot be read holds up nothing; one that is locked at
        this moment holds up all that has a key or an identity.
        """
        with suppress(OSError):  # then the last list is used
            self._list()
        self._forget_all_but(self._paths.keys() - ours)
        behind: set[Key] = set()
        for name in self._paths.keys() - ours - self._left_out if heads else ():
            try:
                behind |= self._behind_one(name, queries, destination, heads)
            except PROBLEMS as error:
                self._forget(name)
                if code_of(error) in IN_USE:
                    return {head.key for head in heads if any(head.queues[1:])}
                self._left_out.add(name)
        return behind

    def ask(self, ours: Set[str], question: Callable[[str, Neighbour], T]) -> tuple[list[T], list[tuple[str, str]]]:
        """Return the answer of each spool that is none of *ours*, and the name and error of each that cannot be read.

        Raises OSError if the spools cannot be listed.
        """
        self._list()
        self._forget_all_but(self._paths.keys() - ours)
        answers, unread = [], []
        for name in self._paths.keys() - ours:
            try:
                neighbour = self._get(name)
                self._check(name)
                answers.append(question(name, neighbour))
            except PROBLEMS as error:
                self._forget(name)
                if (self._paths[name] / DATABASE).exists():  # else it was removed because it was empty
                    unread.append((name, name_of(error)))
        return answers, unread

    def close(self) -> None:
        """Close all connections."""
        self._forget_all_but(set())

    def _list(self) -> None:
        spools, now = self._spool.parent, time.monotonic()
        changed = spools.stat().st_mtime_ns
        if changed == self._changed and now - self._listed <= LIST_SECONDS:
            return
        found = existing_folders(spools.parent)
        self._paths = {path.name: path for path in found if path != self._spool}
        self._left_out.clear()
        self._listed = now
        self._changed = changed if time.time_ns() - changed > SETTLED_NS else None

    def _behind_one(self, name: str, queries: Queries, destination: str, heads: Sequence[QueueHead]) -> set[Key]:
        neighbour = self._get(name)
        self._check(name)
        if neighbour.pseudonyms != self._pseudonyms:  # with another secret, pseudonyms cannot be compared
            return set()
        firsts = neighbour.queries.earliest(destination, [head.queues for head in heads])
        if not any(first is not None for first in firsts):
            return set()
        there, here = neighbour.queries.offset(), queries.offset()
        own = self._spool.name
        return {
            head.key
            for head, first in zip(heads, firsts, strict=True)
            if first is not None and (first + there, name) < (head.committed_at + here, own)
        }

    def _check(self, name: str) -> None:
        """Raise sqlite3.OperationalError while not all of a spool is in its database.

        A process that was alone has a log; it moves all of it soon, and once more if something came meanwhile.
        """
        if has_records(self._paths[name]):
            ask(self._paths[name])
            error = sqlite3.OperationalError("the spool's log is not moved yet")
            error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_BUSY, "SQLITE_BUSY"
            raise error

    def _get(self, name: str) -> Neighbour:
        if (neighbour := self._open.get(name)) is None:
            neighbour = self._open[name] = self._opened(name)
        return neighbour

    def _opened(self, name: str) -> Neighbour:
        connection = read_beside(self._paths[name] / DATABASE)
        try:
            if version_of(connection) > VERSION:  # its tables are unknown, and no process of this Hilum adopts it
                raise SpoolError("the spool was written by a newer Hilum")
            start = start_of(connection, self._seal)
            return Neighbour(Queries(connection), Pseudonyms(start.secret))
        except BaseException:
            connection.close()
            raise

    def _forget_all_but(self, names: Set[str]) -> None:
        for name in self._open.keys() - names:
            self._forget(name)

    def _forget(self, name: str) -> None:
        if (neighbour := self._open.pop(name, None)) is not None:
            neighbour.queries.close()
