"""Reads one spool through and reports everything that is not what was written. It may run beside the owner."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.spool.damage import ERRORS, is_whole, name_of
from gateway.spool.database.authentic import is_authentic
from gateway.spool.database.connections import DATABASE, READER_CACHE_KIB
from gateway.spool.database.reading.rows import Payload, checked_header, payload_of
from gateway.spool.database.schema import VERSION, connect, prepare, version_of
from gateway.spool.folders import existing_folders
from gateway.spool.interface import PayloadDamaged, SpoolDamaged
from gateway.spool.log.reading import problems_of
from gateway.spool.owning.catching_up import catch_up
from gateway.spool.payloads.body import unseal
from gateway.spool.payloads.files import SealedFile
from gateway.spool.payloads.seal import Plain, Seal

STEP = 500
"""Messages read at once: a long read would keep the owner from truncating its log."""


@dataclass(slots=True)
class Verified:
    """What was found in one spool."""

    messages: int = 0
    payloads: int = 0
    is_older: bool = False
    """Whether an older Hilum wrote it. Then its queues are not checked: a gateway makes them when it opens it."""
    problems: list[str] = field(default_factory=list)
    """Each a fixed sentence with the number of a message at most."""


def verify(folder: Path, seal: Seal) -> Verified:
    """Check pages, indexes, headers, payloads and sums of the spool in *folder*.

    Raises ConfigError if the key does not fit, for then nothing can be told of its payloads.
    """
    found = Verified()
    if folder in existing_folders(folder.parent.parent):  # else it was set aside
        catch_up([folder])
    found.problems += problems_of(folder)
    try:
        with closing(connect(folder / DATABASE, READER_CACHE_KIB)) as connection:
            prepare(connection, seal, owner=False)
            found.is_older = version_of(connection) < VERSION
            if not is_whole(connection):
                found.problems.append("pages, rows and indexes of the database do not fit together")
            _verify_messages(connection, folder, seal, found)
            sums = SUMS if found.is_older else SUMS | LANES
            found.problems += [problem for problem, sql in sums.items() if connection.execute(sql).fetchone()]
    except (*ERRORS, SpoolDamaged) as error:
        reason = str(error) if isinstance(error, SpoolDamaged) else name_of(error)
        found.problems.append(f"the database cannot be read: {reason}")
    return found


def is_intact(payload: Payload, bodies: Path, seal: Seal) -> bool:
    """Compare a payload with its digest."""
    if payload.file is None:
        return unseal(payload, seal) is not None
    try:
        with closing(SealedFile(bodies / payload.file, payload.size, seal)) as file:
            return seal.fingerprint(file.sha256()) == payload.digest
    except (OSError, PayloadDamaged):
        return False


def seal_for(payload: Payload, seal: Seal) -> Seal:
    """Return the seal that a payload was written with; if the key is missing, a seal that never fits."""
    return seal if payload.encrypted else Plain()


def _verify_messages(connection: sqlite3.Connection, folder: Path, seal: Seal, found: Verified) -> None:
    for seq, header, header_sum, ended_at in _messages(connection):
        found.messages += 1
        try:
            checked_header(header, header_sum)
        except PayloadDamaged:
            found.problems.append(f"message {seq}: its header is damaged")
        payload = _payload(connection, seq)
        if payload is None:
            if ended_at is None and _still_lacks_payload(connection, seq):
                found.problems.append(f"message {seq}: has no payload and has not ended")
            continue
        found.payloads += 1
        intact = is_intact(payload, folder / "bodies", seal_for(payload, seal))
        if not intact and _payload(connection, seq) is not None:  # else it was delivered while it was read
            found.problems.append(f"message {seq}: its payload is damaged")
        elif not (found.is_older or _is_authentic(connection, seq, seal)) and _payload(connection, seq) is not None:
            found.problems.append(f"message {seq}: is not what was committed under the key")


def _is_authentic(connection: sqlite3.Connection, seq: int, seal: Seal) -> bool:
    numbers = connection.execute(
        "SELECT destination FROM deliveries WHERE message = ? AND state < 2", (seq,)
    ).fetchall()
    return all(is_authentic(connection.execute, (seq, number), seal) for (number,) in numbers)


def _messages(connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    last = 0
    sql = "SELECT seq, header, header_sum, ended_at FROM messages WHERE seq > ? ORDER BY seq LIMIT ?"
    while rows := connection.execute(sql, (last, STEP)).fetchall():
        yield from rows
        last = rows[-1][0]


def _payload(connection: sqlite3.Connection, seq: int) -> Payload | None:
    return payload_of(connection.execute(PAYLOAD, (seq,)).fetchone())


def _still_lacks_payload(connection: sqlite3.Connection, seq: int) -> bool:
    """Tell whether a message has not ended meanwhile, and has no payload."""
    row = connection.execute(NOT_ENDED, (seq,)).fetchone()
    return row is not None and _payload(connection, seq) is None


NOT_ENDED = "SELECT 1 FROM messages WHERE seq = ? AND ended_at IS NULL"
PAYLOAD = """
SELECT m.size, m.digest, p.encrypted, p.data, p.file FROM payloads p JOIN messages m ON m.seq = p.message
WHERE p.message = ?
"""
SUMS = {
    "the sums by destination and state are not those of the messages": """
SELECT 1 FROM totals t WHERE (count, size) IS NOT (
    SELECT count(*), coalesce(sum(size), 0) FROM deliveries d WHERE d.destination = t.destination AND d.state = t.state
) LIMIT 1""",
    "the octets held are not those of the payloads": """
SELECT 1 FROM spool WHERE held <> (
    SELECT coalesce(sum(m.size), 0) FROM payloads p JOIN messages m ON m.seq = p.message
)""",
    "a message without a payload waits or is parked": """
SELECT 1 FROM deliveries d WHERE d.state = 0 AND NOT EXISTS (SELECT 1 FROM payloads p WHERE p.message = d.message)
LIMIT 1""",
}
"""By problem: a query that returns a row if the problem exists. Each query reads one moment."""
LANES = {
    "the first waiting message of an ordering key or identity is not marked as ready": """
SELECT 1 FROM deliveries d WHERE queued = 1 AND state = 0 AND front = 0
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY lanes
        WHERE destination = d.destination AND lane = d.lane AND queued = 1 AND message < d.message)
    AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY waiting_names
        WHERE destination = d.destination AND name = d.name AND state = 0 AND message < d.message)
LIMIT 1""",
}
"""The same for the queues of ordering keys and identities, which earlier versions kept differently."""
