"""Puts what an intake log holds into the database, many messages in one transaction, which is its caller's."""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import chain
from typing import Any, TypeVar

from gateway.spool.database.statements import INSERT_DELIVERY
from gateway.spool.log.records import CommittedRecord, DeliveredRecord

T = TypeVar("T")
GROUP = 64
"""Rows in one statement, at most."""
Identity = tuple[int, bytes]
"""A destination's number, and the pseudonym of an identity."""
Done = Mapping[int, DeliveredRecord]
"""What was delivered of a message, by the destination's number."""


def move(connection: sqlite3.Connection, messages: Sequence[tuple[CommittedRecord, Done]]) -> None:
    """Add messages as they stand, in the order of their numbers; the payload of one that has ended is left out."""
    waiting = [record for record, done in messages if len(done) < len(record.deliveries)]
    _insert(connection, INSERT_MESSAGE, 9, [_message_row(record, done) for record, done in messages])
    payloads = [(record.seq, record.encrypted, record.data, record.file) for record in waiting]
    _insert(connection, INSERT_PAYLOAD, 4, payloads)
    if waiting:
        connection.execute("UPDATE spool SET held = held + ?", (sum(record.size for record in waiting),))
    _insert(connection, INSERT_DELIVERED, 7, _delivered_rows(messages), 2, 0, 1, 0)
    # One by one: each is first of its queues if nothing is in them yet.
    connection.executemany(INSERT_DELIVERY, _waiting_rows(messages))


def known_identities(connection: sqlite3.Connection, wanted: Set[Identity]) -> set[Identity]:
    """Return those of which a destination has had a message, as far as the database knows."""
    known: set[Identity] = set()
    for rows in _groups(list(wanted)):
        found = connection.execute(KNOWN.format(_marks(2, len(rows))), list(chain.from_iterable(rows)))
        known |= {(number, name) for number, name in found.fetchall()}
    return known


def _insert(
    connection: sqlite3.Connection, statement: str, width: int, rows: Sequence[tuple[Any, ...]], *constants: int
) -> None:
    """Insert many rows with each statement: after each the interpreter's lock is to be had again."""
    for group in _groups(rows):
        connection.execute(f"{statement} {_marks(width, len(group), *constants)}", list(chain.from_iterable(group)))


def _groups(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield them in groups of few different sizes, so that SQLite's statements are prepared once."""
    start, size = 0, GROUP
    while start < len(rows):
        while size > len(rows) - start:
            size //= 2
        yield rows[start : start + size]
        start += size


@cache
def _marks(width: int, count: int, *constants: int) -> str:
    row = ", ".join([*("?" * width), *map(str, constants)])
    return ", ".join([f"({row})"] * count)


def _message_row(record: CommittedRecord, done: Done) -> tuple[Any, ...]:
    ended = len(done) == len(record.deliveries)
    return (
        record.seq,
        record.listener,
        record.header,
        zlib.crc32(record.header),
        record.size,
        record.digest,
        record.received_at,
        record.committed_at,
        max(each.now for each in done.values()) if ended else None,
    )


def _delivered_rows(messages: Iterable[tuple[CommittedRecord, Done]]) -> list[tuple[Any, ...]]:
    return [
        (*_delivery_row(record, each.number, each.tag), done[each.number].settled_at)
        for record, done in messages
        for each in record.deliveries
        if each.number in done
    ]


def _waiting_rows(messages: Iterable[tuple[CommittedRecord, Done]]) -> list[tuple[Any, ...]]:
    return [
        _delivery_row(record, each.number, each.tag)
        for record, done in messages
        for each in record.deliveries
        if each.number not in done
    ]


def _delivery_row(record: CommittedRecord, number: int, tag: bytes | None) -> tuple[Any, ...]:
    return record.seq, number, record.ordering_key, record.name, record.size, tag


INSERT_MESSAGE = """
INSERT INTO messages (seq, listener, header, header_sum, size, digest, received_at, committed_at, ended_at) VALUES
"""
INSERT_PAYLOAD = "INSERT INTO payloads (message, encrypted, data, file) VALUES"
INSERT_DELIVERED = """
INSERT OR FAIL INTO deliveries
    (message, destination, lane, name, size, tag, settled_at, state, queued, attempts, front) VALUES
"""
KNOWN = """
WITH wanted (number, name) AS (VALUES {})
SELECT number, name FROM wanted
WHERE EXISTS (SELECT 1 FROM deliveries INDEXED BY names WHERE destination = number AND deliveries.name = wanted.name)
"""
