"""Binds each delivery to what was committed, if there is a key: what somebody added or changed is not delivered.

A *tag* is a keyed hash over all that decides what is delivered where: the message's number, the destination's name,
the listener, the header, the sizes, the payload's keyed digest and how and where it is kept, when it came, and
the pseudonyms of its ordering key and identity. What changes while it waits (its state, its attempts and pauses) is not
in it. Thus a payload that was swapped, a header that was changed and a row that was added count as damaged; a row that
was deleted, marked as delivered or put back from an older copy is not noticed.
"""

import hmac
import sqlite3
from typing import Any

from gateway.spool.damage import ERRORS, concerns_all
from gateway.spool.database.recognition import Execute
from gateway.spool.payloads.seal import Seal

Key = tuple[int, int]


def is_authentic(execute: Execute, key: Key, seal: Seal, destination: str | None = None) -> bool:
    """Tell whether a delivery, to *destination* where that is given, is what was committed; True without a key."""
    if not seal.encrypted:
        return True
    try:
        row = execute(BOUND, key).fetchone()
    except ERRORS as error:
        if concerns_all(error):  # the error does not concern this delivery alone
            raise
        return False  # a damaged page
    if row is None or not isinstance(row[0], bytes) or destination not in (None, row[2]):
        return False
    return hmac.compare_digest(row[0], seal.tag(row[1:]) or b"")


def authenticate(execute: Execute, key: Key, seal: Seal) -> None:
    """Write the tag of a delivery as it stands: the caller must know that it is right."""
    row = execute(BOUND, key).fetchone()
    if row is not None:
        execute("UPDATE deliveries SET tag = ? WHERE message = ? AND destination = ?", (seal.tag(row[1:]), *key))


def carry_over(execute: Execute, old: Key, new: Key, seal: Seal) -> None:
    """Write the tag of the delivery *new*, which was made from *old*, if *old* is authentic; *old* must still exist."""
    if seal.encrypted and is_authentic(execute, old, seal):
        authenticate(execute, new, seal)


def authenticate_all(connection: sqlite3.Connection, seal: Seal) -> int:
    """Write the tags of all deliveries that wait or are parked; return how many."""
    keys: list[Any] = connection.execute("SELECT message, destination FROM deliveries WHERE state < 2").fetchall()
    for key in keys:
        authenticate(connection.execute, key, seal)
    return len(keys)


# ``Ledger.add`` hashes the values in this order, too.
BOUND = """
SELECT d.tag, d.message, n.name, m.listener, m.header, m.size, d.size, m.digest, p.encrypted, p.file,
       m.received_at, m.committed_at, d.lane, d.name
FROM deliveries d JOIN messages m ON m.seq = d.message JOIN payloads p ON p.message = d.message
JOIN destinations n ON n.id = d.destination
WHERE d.message = ? AND d.destination = ?
"""
