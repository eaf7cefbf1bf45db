"""Every read of a spool's database: what may be claimed, what an operator looks at."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice
from typing import Any

from gateway.spool.clock import resume
from gateway.spool.damage import ERRORS, concerns_all
from gateway.spool.database.authentic import is_authentic
from gateway.spool.database.ledger import Key
from gateway.spool.database.recognition import Last, Wanted, last_of
from gateway.spool.database.schema import CODES, STATES
from gateway.spool.interface import PayloadDamaged, Selection, SpoolDamaged, State, Total
from gateway.spool.payloads.seal import Seal

Lanes = tuple[int, bytes | None, bytes | None]
"""What a delivery shares with those that must not be under way beside it: the number of its message, the pseudonyms of
its key and of its identity, where it has them."""
Busy = frozenset[int | bytes | None]
"""The lanes of what is under way."""
Waiting = tuple[float, int, int, bytes | None, bytes | None]
"""A delivery that may be claimed: since when, its key, its lanes but the first."""


@dataclass(frozen=True, slots=True)
class Header:
    """All of a message but its body."""

    message_id: str
    facts: dict[str, str]
    identifiers: dict[str, str]
    charset: str | None
    via: Sequence[str] = ()
    """Names of the steps of its route. A message without any is written as an older Hilum did, which knew none."""


LAST = 2**63 - 1
"""The largest number that a message can have."""
LONGEST_PAUSE = 30 * 86400.0
"""Seconds; no message is put off for longer."""
MOST_COMPARED = 2_000
"""Failed deliveries whose numbers of attempts are compared for one probe: those whose pause ended first."""
STEP = 20_000
"""Numbers of messages looked through in one read."""
UNREADABLE = Header("unreadable", {}, {}, None)


@dataclass(frozen=True, slots=True)
class Payload:
    """Where a payload is, and what it must be."""

    size: int
    digest: bytes
    encrypted: bool
    data: bytes | None
    file: str | None


@dataclass(frozen=True, slots=True)
class Front:
    """A delivery that may be claimed, with its message; without *payload* it could not be read."""

    key: Key
    lanes: Lanes
    attempts: int
    received_at: float
    committed_at: float
    """By the steady clock."""
    size: int
    header: Header
    payload: Payload | None
    reason: str | None = None
    """Why it was put off last."""


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery as an operator sees it."""

    key: Key
    destination: str
    listener: str
    state: State
    reason: str | None
    attempts: int
    size: int
    received_at: float
    settled_at: float | None
    header: Header
    due: float | None = None
    """By the steady clock."""


class Queries:
    """The read side of one database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._numbers: dict[str, int] = {}
        """Of the destinations: they keep them."""

    def fronts(self, destination: str, now: float, limit: int, busy: Busy) -> list[Key]:
        """Return deliveries that may be claimed beside what is *busy*; first what could have been for longest."""
        number, most = self._number(destination), limit + len(busy)  # for a lane has no more than one front
        due = self._due(number, now, most)
        # How long ago the others came in need not be looked up where there is nothing to compare it with.
        ready = self._execute(READY_SINCE if due else READY, (number, 0, most)).fetchall()
        return _choose(sorted(_sound(ready + due), key=lambda row: row[:3]), limit, busy)

    def probes(self, destination: str, now: float, limit: int, busy: Busy, place: float) -> list[Key]:
        """Return deliveries that may be claimed: those never tried, from that *place* (0 to 1) on; then the failed.

        Of those first what was tried least: what no store can take has been tried more often than what one would take.
        """
        number, most = self._number(destination), limit + len(busy)
        first, last = self._execute(UNTRIED, (number, number)).fetchone()
        start = first + int(place * (last - first + 1)) if isinstance(first, int) and isinstance(last, int) else 0
        rows = self._execute(READY, (number, start, most)).fetchall()
        rows += self._execute(READY, (number, 0, most)).fetchall()
        rows += self._execute(LEAST_TRIED, (number, now, MOST_COMPARED, most)).fetchall()
        rows += self._due(number, now, most)
        return _choose({row[1:3]: row for row in _sound(rows)}.values(), limit, busy)

    def _due(self, number: int, now: float, limit: int) -> list[Waiting]:
        """Return the deliveries whose pause has ended, and those whose end is damaged: nobody pauses for so long."""
        rows: list[Waiting] = self._execute(DUE, (number, now, limit)).fetchall()
        return rows + self._execute(NEVER_DUE, (number, now + LONGEST_PAUSE, limit)).fetchall()

    def next_due(self, destination: str, busy: Busy) -> float | None:
        """Return when the first pause ends of a delivery beside what is *busy*."""
        rows = self._execute(PAUSED, (self._number(destination), len(busy) + 1))
        sound = (row for row in rows if isinstance(row[0], int | float))
        return next((row[0] for row in sound if busy.isdisjoint((row[1], *row[3:]))), None)

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """Let all that is read here be of one state of the database."""
        self._execute("BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._execute("COMMIT")

    def front(self, key: Key) -> Front | None:
        """Return a delivery with its message, or None if it does not wait any more."""
        row = self._execute(WAITING_DELIVERY, key).fetchone()
        if row is None:
            return None
        lane, name, attempts, size, reason = row
        sound = isinstance(lane, bytes | None) and isinstance(name, bytes | None)
        if not (sound and isinstance(attempts, int) and isinstance(size, int)):
            return Front(key, (key[0], None, None), 0, 0.0, 0.0, 0, UNREADABLE, None)
        said = reason if isinstance(reason, str) else None
        bare = Front(key, (key[0], lane, name), attempts, 0.0, 0.0, size, UNREADABLE, None, said)
        try:
            return self._with_message(bare)
        except (*ERRORS, PayloadDamaged) as error:
            if concerns_all(error):  # it is not this message that is damaged
                raise
            return bare

    def payload(self, key: Key) -> Payload | None:
        """Return where a delivery's payload is, or None if there is none."""
        row = self._execute(PAYLOAD, (key[0],)).fetchone()
        exists = self._execute("SELECT 1 FROM deliveries WHERE message = ? AND destination = ?", key).fetchone()
        return payload_of(row) if exists else None

    def is_authentic(self, key: Key, seal: Seal, destination: str | None = None) -> bool:
        """Tell whether a delivery, to *destination* where that is given, is what was committed under the key."""
        return is_authentic(self._execute, key, seal, destination)

    def totals(self) -> list[Total]:
        """Return the sums by destination and state."""
        sums = {(number, code): sums for number, code, *sums in self._execute(TOTALS).fetchall()}
        destinations = self._execute("SELECT id, name FROM destinations ORDER BY name").fetchall()
        return [
            self._total(name, number, code, sums.get((number, code), []))
            for number, name in destinations
            for code in STATES
        ]

    def _total(self, name: str, number: int, code: int, sums: list[Any]) -> Total:
        if not all(isinstance(each, int) for each in sums) or not sums:  # damaged: the rows themselves tell
            sums = self._execute(COUNTED, (number, code)).fetchone()
        count, size = sums
        return Total(name, STATES[code], count, size if code < 2 else 0, self._oldest(number, code) if count else None)

    def find(self, selection: Selection, keys: Iterable[Key] | None, after: Key, limit: int) -> list[Row]:
        """Return the deliveries after that one which match; among *keys*, where given."""
        found = self._among(keys, after) if keys is not None else self._scan(selection, after, limit)
        return list(islice((row for row in found if matches(row, selection)), limit))

    def get(self, key: Key) -> Row | None:
        """Return one delivery."""
        row = self._execute(f"{RECORD} WHERE d.message = ? AND d.destination = ?", key).fetchone()
        return None if row is None else _record(row)

    def held(self) -> int:
        """Return the octets of payload in the spool."""
        return int(self._execute("SELECT held FROM spool").fetchone()[0])

    def is_empty(self) -> bool:
        """Tell whether there is no message, not even a record of one."""
        return self._execute("SELECT 1 FROM messages LIMIT 1").fetchone() is None

    def newest(self) -> int:
        """Return the number of the latest message."""
        return int(self._execute("SELECT coalesce(max(seq), 0) FROM messages").fetchone()[0])

    def has_lane(self, lane: bytes, destinations: Iterable[str]) -> bool:
        """Tell whether something is queued in the lane at any of the destinations."""
        return any(self._execute(LANE, (self._number(name), lane)).fetchone() for name in destinations)

    def has_name(self, name: bytes, destinations: Iterable[str]) -> bool:
        """Tell whether a message of that identity waits for any of the destinations."""
        return any(self._execute(NAME, (self._number(each), name)).fetchone() for each in destinations)

    def earliest(self, destination: str, lanes: Iterable[Lanes]) -> list[float | None]:
        """Return for each when the first queued under its key or identity was committed, by the steady clock."""
        number = self._number(destination)
        return [self._earliest(number, lane, name) for _, lane, name in lanes]

    def _earliest(self, number: int, lane: bytes | None, name: bytes | None) -> float | None:
        rows = [
            self._execute(*each).fetchone() for each in ((FIRST_LANE, (number, lane)), (FIRST_NAME, (number, name)))
        ]
        return min((row[0] for row in rows if row is not None), default=None)

    def offset(self) -> float:
        """Return by how much the wall clock was ahead of the steady clock when the spool was last written."""
        return float(self._execute("SELECT coalesce(wall - time, 0) FROM spool").fetchone()[0])

    def now(self, wall: float) -> float:
        """Return what the spool's steady clock reads when the wall clock reads *wall*, as far as can be told."""
        time, wall_then = self._execute("SELECT time, wall FROM spool").fetchone()
        return resume(time, wall_then, wall)

    def last(self, spool: str, wanted: Wanted, destinations: Iterable[str]) -> dict[str, Last]:
        """Return by destination the last message of that identity."""
        found = {name: last_of(self._execute, spool, self._number(name), wanted) for name in destinations}
        return {name: last for name, last in found.items() if last is not None}

    def version(self) -> int:
        """Return a number that changes when another connection has written."""
        return int(self._execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _number(self, destination: str) -> int:
        number = self._numbers.get(destination)
        if number is None:
            row = self._execute("SELECT id FROM destinations WHERE name = ?", (destination,)).fetchone()
            if row is None:
                return 0
            number = self._numbers[destination] = int(row[0])
        return number

    def _with_message(self, bare: Front) -> Front:
        row = self._execute(MESSAGE, (bare.key[0],)).fetchone()
        if row is None:
            raise PayloadDamaged("the message has no row")
        received_at, committed_at, header, header_sum = row
        if not (isinstance(received_at, float) and isinstance(committed_at, float)):
            raise PayloadDamaged("the message's times are damaged")
        checked, payload = checked_header(header, header_sum), self._payload_or_none(bare.key)
        return replace(bare, received_at=received_at, committed_at=committed_at, header=checked, payload=payload)

    def _payload_or_none(self, key: Key) -> Payload | None:
        try:
            return self.payload(key)
        except ERRORS as error:
            if concerns_all(error):
                raise
            return None  # a damaged page

    def _oldest(self, number: int, code: int) -> float | None:
        row = self._execute(OLDEST, (number, code)).fetchone()
        return None if row is None else _number(row[0])

    def _scan(self, selection: Selection, after: Key, limit: int) -> Iterator[Row]:
        """Merge the index ranges of each destination and state that is meant."""
        names = dict(self._execute("SELECT name, id FROM destinations").fetchall())
        numbers = names.values() if selection.destination is None else [names.get(selection.destination, 0)]
        codes = STATES if selection.state is None else [CODES[selection.state]]
        last = self._last_before(selection.received_before)
        ranges = [self._range(number, code, selection, after, last, limit) for number in numbers for code in codes]
        return merge(*ranges, key=lambda row: row.key)

    def _last_before(self, received_before: float | None) -> int:
        """Return the number of the last message received before that time; what comes after it need not be read."""
        if received_before is None:
            return LAST
        return int(self._execute(RECEIVED, (received_before,)).fetchone()[0])

    def _range(self, number: int, code: int, selection: Selection, after: Key, last: int, size: int) -> Iterator[Row]:
        """Yield one destination's deliveries in one state, as far as *last*; SQLite leaves out what is not meant.

        In steps, so that no long read hinders the writer.
        """
        start = after[0] if number > after[1] else after[0] + 1
        while start <= last:
            end = min(last, start + STEP - 1)
            values = {"number": number, "code": code, "start": start, "end": end, "limit": size}
            rows = self._execute(RANGE, {**values, "listener": selection.listener}).fetchall()
            yield from map(_record, rows)
            if len(rows) == size:
                start = rows[-1][0] + 1
                continue
            # The next that there is at all, meant or not: numbers of other states and destinations are passed over.
            row = self._execute(NEXT, (number, code, end)).fetchone()
            if row is None:
                return
            start = row[0]

    def _among(self, keys: Iterable[Key], after: Key) -> Iterator[Row]:
        rows = (self.get(key) for key in sorted(keys) if key > after)
        return (row for row in rows if row is not None)


def payload_of(row: tuple[Any, ...] | None) -> Payload | None:
    """Return where a payload is; of a row that is damaged one that is never right."""
    if row is None:
        return None
    size, digest, encrypted, data, file = row
    if not (isinstance(size, int) and isinstance(digest, bytes) and _is_file_name(file)):
        return Payload(0, b"", False, None, None)
    return Payload(size, digest, bool(encrypted), data, file)


def _is_file_name(file: object) -> bool:
    return file is None or (isinstance(file, str) and file.isalnum())


def matches(row: Row, selection: Selection) -> bool:
    """Tell whether the delivery is among those meant, its entry ID apart."""
    return (
        selection.destination in (None, row.destination)
        and selection.state in (None, row.state)
        and selection.listener in (None, row.listener)
        and (selection.received_before is None or row.received_at < selection.received_before)
    )


def _choose(rows: Iterable[Waiting], limit: int, busy: Busy) -> list[Key]:
    """Return the first deliveries whose lanes are free."""
    free = ((row[1], row[2]) for row in rows if row[1] not in busy and row[3] not in busy and row[4] not in busy)
    return list(islice(free, limit))


def _sound(rows: list[Waiting]) -> list[Waiting]:
    if not all(isinstance(row[1], int) and isinstance(row[2], int) for row in rows):
        raise SpoolDamaged("the number of a message is damaged")
    return rows


LAST_TIME = 2.5e11
"""Seconds of the epoch; what is later has no date."""


def checked_header(header: object, header_sum: int) -> Header:
    """Return a header; raises PayloadDamaged if it is not what was written."""
    if not isinstance(header, bytes) or zlib.crc32(header) != header_sum:
        raise PayloadDamaged("the header is not what was written")
    return Header(*json.loads(header))


def _record(row: tuple[Any, ...]) -> Row:
    seq, number, name, listener, code, reason, attempts, size, received_at, settled_at, header, header_sum, due = row
    try:
        checked = checked_header(header, header_sum)
    except PayloadDamaged:
        checked = UNREADABLE
    state = STATES[code]
    numbers = [_number(value) for value in (received_at, settled_at, due if state is State.WAITING else None)]
    received, settled, due = numbers
    key = (seq, number)
    return Row(key, name, str(listener), state, reason, attempts, size, received or 0.0, settled, checked, due)


def _number(value: object) -> float | None:
    """Return a time, or None for what a damaged row may hold instead."""
    return float(value) if isinstance(value, int | float) and abs(value) < LAST_TIME else None


READY = """
SELECT 0.0, message, destination, lane, name FROM deliveries INDEXED BY ready
WHERE destination = ? AND front = 1 AND due IS NULL AND message >= ? ORDER BY message LIMIT ?
"""
READY_SINCE = """
SELECT CAST(coalesce(m.committed_at, 0) AS REAL), d.message, d.destination, d.lane, d.name
FROM deliveries d INDEXED BY ready LEFT JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.front = 1 AND d.due IS NULL AND d.message >= ? ORDER BY d.message LIMIT ?
"""
UNTRIED = """
SELECT
(SELECT min(message) FROM deliveries INDEXED BY ready WHERE destination = ? AND front = 1 AND due IS NULL),
(SELECT max(message) FROM deliveries INDEXED BY ready WHERE destination = ? AND front = 1 AND due IS NULL)
"""
DUE = """
SELECT due, message, destination, lane, name FROM deliveries INDEXED BY paused
WHERE destination = ? AND front = 1 AND due IS NOT NULL AND due <= ? ORDER BY due LIMIT ?
"""
LEAST_TRIED = """
SELECT due, message, destination, lane, name FROM (
    SELECT due, message, destination, lane, name, attempts FROM deliveries INDEXED BY paused
    WHERE destination = ? AND front = 1 AND due IS NOT NULL AND due <= ? ORDER BY due LIMIT ?)
ORDER BY attempts, due LIMIT ?
"""
NEVER_DUE = """
SELECT 0.0, message, destination, lane, name FROM deliveries INDEXED BY paused
WHERE destination = ? AND front = 1 AND due IS NOT NULL AND due > ? ORDER BY due LIMIT ?
"""
PAUSED = """
SELECT due, message, destination, lane, name FROM deliveries INDEXED BY paused
WHERE destination = ? AND front = 1 AND due IS NOT NULL ORDER BY due LIMIT ?
"""
WAITING_DELIVERY = """
SELECT lane, name, attempts, size, reason FROM deliveries WHERE message = ? AND destination = ? AND state = 0
"""
MESSAGE = "SELECT received_at, committed_at, header, header_sum FROM messages WHERE seq = ?"
PAYLOAD = """
SELECT m.size, m.digest, p.encrypted, p.data, p.file FROM payloads p JOIN messages m ON m.seq = p.message
WHERE p.message = ?
"""
TOTALS = "SELECT destination, state, count, size FROM totals"
COUNTED = """
SELECT count(*), CAST(coalesce(sum(size), 0) AS INTEGER) FROM deliveries INDEXED BY by_state
WHERE destination = ? AND state = ?
"""
OLDEST = """
SELECT m.received_at FROM deliveries d JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.state = ? ORDER BY d.message LIMIT 1
"""
RECORD = """
SELECT d.message, d.destination, n.name, m.listener, d.state, d.reason, d.attempts, d.size, m.received_at,
       d.settled_at, m.header, m.header_sum, d.due
FROM deliveries d CROSS JOIN messages m ON m.seq = d.message CROSS JOIN destinations n ON n.id = d.destination
"""
RANGE = f"""
{RECORD.replace("deliveries d", "deliveries d INDEXED BY by_state")}
WHERE d.destination = :number AND d.state = :code AND d.message BETWEEN :start AND :end
AND (:listener IS NULL OR m.listener = :listener) ORDER BY d.message LIMIT :limit
"""
NEXT = """
SELECT message FROM deliveries INDEXED BY by_state WHERE destination = ? AND state = ? AND message > ?
ORDER BY message LIMIT 1
"""
RECEIVED = "SELECT coalesce(max(seq), 0) FROM messages INDEXED BY received WHERE received_at < ?"
LANE = "SELECT 1 FROM deliveries WHERE destination = ? AND lane = ? AND queued = 1 LIMIT 1"
NAME = "SELECT 1 FROM deliveries INDEXED BY waiting_names WHERE destination = ? AND name = ? AND state = 0 LIMIT 1"
FIRST_LANE = """
SELECT CAST(coalesce(m.committed_at, 0) AS REAL)
FROM deliveries d INDEXED BY lanes LEFT JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.lane = ? AND d.queued = 1 ORDER BY d.message LIMIT 1
"""
FIRST_NAME = """
SELECT CAST(coalesce(m.committed_at, 0) AS REAL)
FROM deliveries d INDEXED BY waiting_names LEFT JOIN messages m ON m.seq = d.message
WHERE d.destination = ? AND d.name = ? AND d.state = 0 ORDER BY d.message LIMIT 1
"""
