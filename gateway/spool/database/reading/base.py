"""A connection that only reads: the base of all queries."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.spool.database.authentic import is_authentic
from gateway.spool.database.ledger import Key
from gateway.spool.database.reading.rows import Payload, payload_of
from gateway.spool.payloads.seal import Seal


class Reading:
    """The read side of one database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._numbers: dict[str, int] = {}
        """The number of each destination; it never changes."""

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """Read one and the same state of the database in all queries within this context."""
        self._execute("BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._execute("COMMIT")

    def payload(self, key: Key) -> Payload | None:
        """Return where a delivery's payload is, or None if there is none."""
        row = self._execute(PAYLOAD, (key[0],)).fetchone()
        exists = self._execute("SELECT 1 FROM deliveries WHERE message = ? AND destination = ?", key).fetchone()
        return payload_of(row) if exists else None

    def is_authentic(self, key: Key, seal: Seal, destination: str | None = None) -> bool:
        """Tell whether a delivery, to *destination* where that is given, is what was committed under the key."""
        return is_authentic(self._execute, key, seal, destination)

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


PAYLOAD = """
SELECT m.size, m.digest, p.encrypted, p.data, p.file FROM payloads p JOIN messages m ON m.seq = p.message
WHERE p.message = ?
"""
