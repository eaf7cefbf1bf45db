"""Every write to a spool's database: one method per thing that happens to a message.

All of it runs in the writer's thread, inside a transaction that the writer has begun.
"""

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.message import Message
from gateway.spool.interface import Again, Delivered, Parked, Settlement, State
from gateway.spool.schema import CODES, TWIN

WAITING, PARKED, DELIVERED, DISCARDED = (
    CODES[state] for state in (State.WAITING, State.PARKED, State.DELIVERED, State.DISCARDED)
)
Key = tuple[int, int]
"""A delivery: its message's number and its destination's."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be added, its payload taken in."""

    message: Message
    destinations: tuple[str, ...]
    lane: bytes | None
    twin: bytes | None
    twins_since: float
    """A duplicate is one committed at this time or later, by the steady clock."""
    received_at: float
    size: int
    digest: bytes
    encrypted: bool
    data: bytes | None
    file: str | None


@dataclass(frozen=True, slots=True)
class Added:
    """Where a message now is."""

    seq: int
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a settlement or a decision."""

    done: bool
    file: str | None = None
    """A payload file that nothing needs any more."""


NOTHING_DONE = Settled(done=False)


class Ledger:
    """The write side of one database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._destinations: dict[str, int] = {}

    def add(self, new: NewMessage, now: float) -> Added:
        """Queue a message for its destinations, unless it is a duplicate."""
        earlier = self._twin(new)
        if earlier is not None:
            return Added(earlier, duplicate=True)
        seq = self._insert_message(new, now)
        self._execute(
            "INSERT INTO payloads (message, encrypted, data, file) VALUES (?, ?, ?, ?)",
            (seq, new.encrypted, new.data, new.file),
        )
        self._execute("UPDATE spool SET held = held + ?", (new.size,))
        for name in dict.fromkeys(new.destinations):
            self._insert_delivery(seq, self._destination(name), new)
        return Added(seq, duplicate=False)

    def settle(self, key: Key, settlement: Settlement, now: float, wall: float) -> Settled:
        """Record what became of a delivery that was waiting."""
        row = self._execute("SELECT state, lane FROM deliveries WHERE message = ? AND destination = ?", key).fetchone()
        if row is None or row[0] != WAITING:
            return NOTHING_DONE
        match settlement:
            case Again(reason, pause):
                self._update(key, "attempts = attempts + 1, reason = ?, due = ?", reason, now + pause)
                return Settled(done=True)
            case Parked(reason, hold_key):
                self._leave(key, "attempts = attempts + 1", PARKED, hold_key, reason, wall)
            case Delivered():
                self._leave(key, "attempts = attempts + 1", DELIVERED, False, None, wall)
        self._advance(key[1], row[1])
        if not isinstance(row[1], bytes | None):  # damaged: which lane waits for it cannot be told
            self._execute(RESTORE_FRONTS)
        return Settled(True, self._end(key[0], now))

    def discard(self, key: Key, reason: str, now: float, wall: float) -> Settled:
        """Give up a delivery that waits or is parked."""
        row = self._execute("SELECT state, lane FROM deliveries WHERE message = ? AND destination = ?", key).fetchone()
        if row is None or row[0] not in (WAITING, PARKED):
            return NOTHING_DONE
        self._leave(key, "attempts = attempts", DISCARDED, False, reason, wall)
        self._advance(key[1], row[1])
        return Settled(True, self._end(key[0], now))

    def retry(self, key: Key) -> bool:
        """Let a parked delivery wait again, or end the pause of a waiting one."""
        row = self._execute(
            "SELECT state, lane, due FROM deliveries WHERE message = ? AND destination = ?", key
        ).fetchone()
        if row is None or row[0] not in (WAITING, PARKED) or (row[0] == WAITING and row[2] is None):
            return False
        if row[0] == WAITING:
            self._update(key, "due = NULL")
        elif row[1] is None:
            self._update(key, "state = 0, queued = 1, front = 1, settled_at = NULL")
        else:
            self._return_to_lane(key, row[1])
        return True

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
        """Return the octets of the database's file that hold nothing: it does not shrink, what goes leaves them."""
        (pages,) = self._execute("PRAGMA freelist_count").fetchone()
        (size,) = self._execute("PRAGMA page_size").fetchone()
        return int(pages) * int(size)

    def _twin(self, new: NewMessage) -> int | None:
        if new.twin is None:
            return None
        row = self._execute(TWIN, (new.twin, new.twins_since)).fetchone()
        return None if row is None else int(row[0])

    def _insert_message(self, new: NewMessage, now: float) -> int:
        message = new.message
        fields = message.message_id, dict(message.facts), dict(message.identifiers), message.charset
        header = json.dumps(fields).encode()
        cursor = self._execute(
            "INSERT INTO messages (listener, header, header_sum, size, digest, twin, received_at, committed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                message.facts.get("listener", ""),
                header,
                zlib.crc32(header),
                new.size,
                new.digest,
                new.twin,
                new.received_at,
                now,
            ),
        )
        return cursor.lastrowid or 0

    def _insert_delivery(self, seq: int, destination: int, new: NewMessage) -> None:
        front = new.lane is None or self._head(destination, new.lane) is None
        self._execute(
            "INSERT INTO deliveries (message, destination, lane, state, queued, front, attempts, size)"
            " VALUES (?, ?, ?, 0, 1, ?, 0, ?)",
            (seq, destination, new.lane, front, new.size),
        )

    def _destination(self, name: str) -> int:
        number = self._destinations.get(name)
        if number is None:
            self._execute("INSERT OR IGNORE INTO destinations (name) VALUES (?)", (name,))
            row = self._execute("SELECT id FROM destinations WHERE name = ?", (name,)).fetchone()
            number = self._destinations[name] = int(row[0])
        return number

    def forget_destinations(self) -> None:
        """Look the numbers of the destinations up again: what gave them was rolled back."""
        self._destinations.clear()

    def _head(self, destination: int, lane: bytes) -> tuple[int, int] | None:
        """Return the number and state of the first queued message of the lane."""
        row: tuple[int, int] | None = self._execute(HEAD, (destination, lane)).fetchone()
        return row

    def _advance(self, destination: int, lane: bytes | None) -> None:
        head = None if lane is None else self._head(destination, lane)
        if head is not None and head[1] == WAITING:
            self._update((head[0], destination), "front = 1")

    def _return_to_lane(self, key: Key, lane: bytes) -> None:
        """Queue a parked delivery at its old place, which may be before the present front."""
        before = self._head(key[1], lane)
        if before is not None and before[0] > key[0]:
            self._update((before[0], key[1]), "front = 0")
        self._update(key, "state = 0, queued = 1, settled_at = NULL")
        self._advance(key[1], lane)

    def _leave(self, key: Key, tries: str, state: int, queued: bool, reason: str | None, wall: float) -> None:
        self._update(
            key,
            f"{tries}, state = ?, queued = ?, front = 0, due = NULL, reason = ?, settled_at = ?",
            state,
            queued,
            reason,
            wall,
        )

    def _update(self, key: Key, assignments: str, *values: object) -> None:
        statement = f"UPDATE deliveries SET {assignments} WHERE message = ? AND destination = ?"  # noqa: S608 - ours
        self._execute(statement, (*values, *key))

    def _end(self, seq: int, now: float) -> str | None:
        """Drop the payload of a message nothing of which waits or is parked; return its file."""
        if self._execute("SELECT 1 FROM deliveries WHERE message = ? AND state < 2 LIMIT 1", (seq,)).fetchone():
            return None
        row = self._execute("SELECT file FROM payloads WHERE message = ?", (seq,)).fetchone()
        self._execute("DELETE FROM payloads WHERE message = ?", (seq,))
        self._execute("UPDATE spool SET held = held - coalesce((SELECT size FROM messages WHERE seq = ?), 0)", (seq,))
        self._execute("UPDATE messages SET ended_at = ? WHERE seq = ?", (now, seq))
        return row[0] if row else None


def existing_files(connection: sqlite3.Connection, names: Sequence[str]) -> set[str]:
    """Return those of the file names that hold a payload."""
    find = "SELECT 1 FROM payloads WHERE file = ?"
    return {name for name in names if connection.execute(find, (name,)).fetchone()}


RESTORE_FRONTS = """
UPDATE deliveries SET front = 1 WHERE queued = 1 AND state = 0 AND front = 0 AND lane IS NOT NULL AND message = (
    SELECT min(d.message) FROM deliveries d
    WHERE d.destination = deliveries.destination AND d.lane = deliveries.lane AND d.queued = 1
)
"""
"""Let the first of each lane be claimed."""
HEAD = """
SELECT message, state FROM deliveries WHERE destination = ? AND lane = ? AND queued = 1 ORDER BY message LIMIT 1
"""
