"""Every write to a spool's database: one method for each event in the life of a message.

All of it runs in the writer's thread, inside a transaction that the writer has begun.
"""

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.contract.message import Message
from gateway.spool.database.authentic import carry_over
from gateway.spool.database.recognition import Last, Wanted, last_of, latest
from gateway.spool.database.schema import CODES
from gateway.spool.database.statements import (
    COPY_DELIVERY,
    DISCARD,
    END_PAUSE,
    INSERT_DELIVERY,
    PUT_OFF,
    RESTORE_FRONTS,
    REVIEW,
    SETTLE,
    STANDING,
    WAIT_AGAIN,
)
from gateway.spool.interface import Delivered, Moved, Parked, RetryLater, Settlement, State
from gateway.spool.payloads.seal import Plain, Seal

WAITING, PARKED, DELIVERED, DISCARDED = (
    CODES[state] for state in (State.WAITING, State.PARKED, State.DELIVERED, State.DISCARDED)
)
Key = tuple[int, int]
"""A delivery: its message's number and its destination's."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be added, whose payload has been received."""

    message: Message
    destinations: tuple[str, ...]
    ordering_key: bytes | None
    name: bytes | None
    received_at: float
    size: int
    digest: bytes
    encrypted: bool
    data: bytes | None
    file: str | None
    spool: str = ""
    """The name of this spool."""
    wanted: Wanted | None = None
    """How to find the same message sent before; None if it is new in any case."""
    elsewhere: Mapping[str, Last] = field(default_factory=dict)
    """By destination, the last message of its identity in other spools."""


@dataclass(frozen=True, slots=True)
class Added:
    """Where a message now is."""

    spool_id: str
    duplicate: bool
    earlier: Mapping[str, Last]
    """By destination, the same message sent before."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a settlement or a decision."""

    done: bool
    file: str | None = None
    """A payload file that nothing needs any more."""


NOTHING_DONE = Settled(done=False)
PLAIN = Plain()


class Ledger:
    """The write side of one database."""

    def __init__(self, connection: sqlite3.Connection, seal: Seal = PLAIN) -> None:
        self.connection = connection
        self._execute = connection.execute
        self._seal = seal
        self._destinations: dict[str, int] = {}
        self.dropped = 0
        """How many payloads were deleted, including those whose transaction was rolled back."""

    def add(self, new: NewMessage, now: float) -> Added:
        """Queue a message for those of its destinations that do not have it."""
        earlier = self._earlier(new)
        there = {name: last for name, last in earlier.items() if last.is_there}
        destinations = [name for name in dict.fromkeys(new.destinations) if name not in there]
        if not destinations:
            return Added(next(iter(there.values())).spool_id, True, earlier)
        seq, header = self._insert_message(new, now)
        listener, sizes = new.message.facts.get("listener", ""), (new.size, new.size)
        kept = new.digest, int(new.encrypted), new.file, float(new.received_at), float(now), new.ordering_key, new.name
        self._execute(
            "INSERT INTO payloads (message, encrypted, data, file) VALUES (?, ?, ?, ?)",
            (seq, new.encrypted, new.data, new.file),
        )
        self._execute("UPDATE spool SET held = held + ?", (new.size,))
        for name in destinations:
            tag = self._seal.tag((seq, name, listener, header, *sizes, *kept))  # in the order of BOUND
            self._execute(INSERT_DELIVERY, (seq, self._destination(name), new.ordering_key, new.name, new.size, tag))
        return Added(f"{new.spool}-{seq}", False, earlier)

    def settle(self, key: Key, settlement: Settlement, now: float, wall: float) -> Settled:
        """Record what became of a delivery that was waiting."""
        row = self._execute(STANDING, key).fetchone()
        if row is None or row[0] != WAITING:
            return NOTHING_DONE
        match settlement:
            case RetryLater(reason, pause):
                self._execute(PUT_OFF, (reason, now + pause, *key))
                return Settled(done=True)
            case Parked(reason, hold_key):
                self._execute(SETTLE, (PARKED, hold_key, reason, wall, *key))
            case Delivered():
                self._execute(SETTLE, (DELIVERED, False, None, wall, *key))
        self._review(row, key[1])
        return Settled(True, self._end(key[0], now))

    def discard(self, key: Key, reason: str, now: float, wall: float, by: str | None = None) -> Settled:
        """Give up a delivery that waits or is parked; *reason* and who did it are kept with why it was parked."""
        row = self._execute(STANDING, key).fetchone()
        if row is None or row[0] not in (WAITING, PARKED):
            return NOTHING_DONE
        self._execute(DISCARD, (wall, reason, by, *key))
        self._review(row, key[1])
        return Settled(True, self._end(key[0], now))

    def retry(self, key: Key) -> bool:
        """Let a parked delivery wait again, or end the pause of a waiting one."""
        row = self._execute(STANDING, key).fetchone()
        if row is None or row[0] not in (WAITING, PARKED) or (row[0] == WAITING and row[1] is None):
            return False
        if row[0] == WAITING:
            self._execute(END_PAUSE, key)
            return True
        self._execute(WAIT_AGAIN, key)
        self._review(row, key[1])
        return True

    def move(self, key: Key, to: str, now: float) -> tuple[Moved, str | None]:
        """Give a delivery that waits or is parked to the destination *to*; return a file that nobody needs any more."""
        row = self._execute(STANDING, key).fetchone()
        target = key[0], self._destination(to)
        if row is None or row[0] not in (WAITING, PARKED) or target == key:
            return Moved(), None
        there = self._execute("SELECT state FROM deliveries WHERE message = ? AND destination = ?", target).fetchone()
        if there is not None and there[0] not in (WAITING, PARKED, DELIVERED):
            return Moved(given_up=1), None
        if there is None:  # at its old place, which may be before the present head
            self._execute(COPY_DELIVERY, (target[1], *key))
            carry_over(self._execute, key, target, self._seal)
            self._execute(REVIEW, target)
            self._review(self._execute(STANDING, target).fetchone(), target[1])
        self._execute("DELETE FROM deliveries WHERE message = ? AND destination = ?", key)
        self._review(row, key[1])
        return (Moved(moved=1), None) if there is None else (Moved(merged=1), self._end(key[0], now))

    def purge(self, before: float, limit: int) -> int:
        """Remove up to *limit* messages that ended before that time; return how many."""
        rows = self._execute(
            "SELECT seq FROM messages WHERE ended_at < ? ORDER BY ended_at LIMIT ?", (before, limit)
        ).fetchall()
        for row in rows:
            self._execute("DELETE FROM deliveries WHERE message = ?", row)
            self._execute("DELETE FROM messages WHERE seq = ?", row)
        return len(rows)

    def record_time(self, now: float, wall: float) -> None:
        """Keep the readings of the steady clock and of the wall clock."""
        self._execute("UPDATE spool SET time = ?, wall = ? WHERE time <= ?", (now, wall, now))

    def held(self) -> int:
        """Return the octets of payload in the spool."""
        return int(self._execute("SELECT held FROM spool").fetchone()[0])

    def reusable(self) -> int:
        """Return the octets of free pages in the database file, which does not shrink when something is deleted."""
        (pages,) = self._execute("PRAGMA freelist_count").fetchone()
        (size,) = self._execute("PRAGMA page_size").fetchone()
        return int(pages) * int(size)

    def _earlier(self, new: NewMessage) -> dict[str, Last]:
        """Return by destination the same message sent before, where it was the last of its identity."""
        if new.wanted is None:
            return {}
        found = {}
        for name in dict.fromkeys(new.destinations):
            here = last_of(self._execute, new.spool, self._destination(name), new.wanted)
            last = latest([here, new.elsewhere.get(name)])
            if last is not None and (last.is_there or last.was_given_up):
                found[name] = last
        return found

    def _insert_message(self, new: NewMessage, now: float) -> tuple[int, bytes]:
        message, header = new.message, header_of(new.message)
        cursor = self._execute(
            "INSERT INTO messages (listener, header, header_sum, size, digest, received_at, committed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                message.facts.get("listener", ""),
                header,
                zlib.crc32(header),
                new.size,
                new.digest,
                new.received_at,
                now,
            ),
        )
        return cursor.lastrowid or 0, header

    def _destination(self, name: str) -> int:
        number = self._destinations.get(name)
        if number is None:
            self._execute("INSERT OR IGNORE INTO destinations (name) VALUES (?)", (name,))
            row = self._execute("SELECT id FROM destinations WHERE name = ?", (name,)).fetchone()
            number = self._destinations[name] = int(row[0])
        return number

    def forget_destinations(self) -> None:
        """Forget the numbers of the destinations: the transaction that assigned them was rolled back."""
        self._destinations.clear()

    def _review(self, standing: Sequence[Any], destination: int) -> None:
        """Find out which deliveries behind one that has left its queues, or has come back to them, are heads now."""
        _, _, ordering_key, name, *followers = standing
        if not (isinstance(ordering_key, bytes | None) and isinstance(name, bytes | None)):
            self._execute(RESTORE_FRONTS)  # damaged: who waited behind it cannot be told
        for seq in followers:
            if seq is not None:
                self._execute(REVIEW, (seq, destination))

    def _end(self, seq: int, now: float) -> str | None:
        """Delete the payload of a message if no delivery of it waits or is parked; return the payload's file."""
        if self._execute("SELECT 1 FROM deliveries WHERE message = ? AND state < 2 LIMIT 1", (seq,)).fetchone():
            return None
        row = self._execute("SELECT file FROM payloads WHERE message = ?", (seq,)).fetchone()
        self._execute("DELETE FROM payloads WHERE message = ?", (seq,))
        self.dropped += 1
        self._execute("UPDATE spool SET held = held - coalesce((SELECT size FROM messages WHERE seq = ?), 0)", (seq,))
        self._execute("UPDATE messages SET ended_at = ? WHERE seq = ?", (now, seq))
        return row[0] if row else None


def header_of(message: Message) -> bytes:
    """Return all of a message but its body, as it is kept."""
    fields = [message.message_id, dict(message.facts), dict(message.identifiers), message.charset]
    return json.dumps([*fields, message.via] if message.via else fields).encode()


def existing_files(connection: sqlite3.Connection, names: Sequence[str]) -> set[str]:
    """Return those of the file names that hold a payload."""
    find = "SELECT 1 FROM payloads WHERE file = ?"
    return {name for name in names if connection.execute(find, (name,)).fetchone()}
