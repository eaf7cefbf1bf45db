"""With a key, binds each delivery to what was committed: nothing that was put or changed under it is delivered.

A *tag* is a keyed hash over all that decides what is delivered where: the message's number, the destination's name,
the listener, the header, the sizes, the payload's keyed digest and how and where it is kept, when it came, its lane
and its name. What changes while it waits (its state, its attempts and pauses) is not in it. Thus a payload that was
swapped, a header that was changed and a row that was slipped in are damaged; a row that was deleted, marked as
delivered or put back from an older copy is not noticed.
"""

import hmac
import sqlite3
from typing import Any

from gateway.spool.damage import ERRORS, concerns_all
from gateway.spool.database.recognition import Execute
from gateway.spool.payloads.seal import Seal

Key = tuple[int, int]


def is_authentic(execute: Execute, key: Key, seal: Seal, destination: str | None = None) -> bool:
    """Tell whether a delivery, to *destination* where that is given, is what was committed; without a key it counts."""
    if not seal.encrypted:
        return True
    try:
        row = execute(BOUND, key).fetchone()
    except ERRORS as error:
        if concerns_all(error):  # it is not this delivery that is damaged
            raise
        return False  # a damaged page
    if row is None or not isinstance(row[0], bytes) or destination not in (None, row[2]):
        return False
    return hmac.compare_digest(row[0], seal.tag(row[1:]) or b"")


def authenticate(execute: Execute, key: Key, seal: Seal) -> None:
    """Vouch for a delivery as it stands: its caller knows that it is right."""
    row = execute(BOUND, key).fetchone()
    if row is not None:
        execute("UPDATE deliveries SET tag = ? WHERE message = ? AND destination = ?", (seal.tag(row[1:]), *key))


def carry_over(execute: Execute, old: Key, new: Key, seal: Seal) -> None:
    """Vouch for the delivery *new* that was made from *old*, which is still there, if that one is authentic."""
    if seal.encrypted and is_authentic(execute, old, seal):
        authenticate(execute, new, seal)


def authenticate_all(connection: sqlite3.Connection, seal: Seal) -> int:
    """Vouch for all that waits or is parked; return how many deliveries."""
    keys: list[Any] = connection.execute("SELECT message, destination FROM deliveries WHERE state < 2").fetchall()
    for key in keys:
        authenticate(connection.execute, key, seal)
    return len(keys)


# In this order the ledger gives them, too.
BOUND = """
SELECT d.tag, d.message, n.name, m.listener, m.header, m.size, d.size, m.digest, p.encrypted, p.file,
       m.received_at, m.committed_at, d.lane, d.name
FROM deliveries d JOIN messages m ON m.seq = d.message JOIN payloads p ON p.message = d.message
JOIN destinations n ON n.id = d.destination
WHERE d.message = ? AND d.destination = ?
"""
