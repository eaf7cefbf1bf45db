"""A connection that only reads."""

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.spool.database.ledger import Ledger
from gateway.spool.database.reading.queries import Queries
from gateway.spool.database.schema import connect
from tests.gateway.spool.database.test_ledger import new


def test_at_one_moment(connection: sqlite3.Connection, tmp_path: Path) -> None:
    """What another connection writes meanwhile is not seen until the end, and is seen then."""
    with closing(connect(tmp_path / "spool.db", 1024)) as other:
        reads = Queries(other)
        with reads.at_one_moment():
            assert reads.is_empty()
            Ledger(connection).add(new(), 0.0)
            assert reads.is_empty()
        assert not reads.is_empty()


def test_payload(connection: sqlite3.Connection) -> None:
    """A payload is found by the key of its delivery, and there is none for a destination without one."""
    Ledger(connection).add(new(), 0.0)
    reads = Queries(connection)
    found = reads.payload((1, 1))
    assert found is not None
    assert (3, None) == (found.size, reads.payload((1, 9)))
