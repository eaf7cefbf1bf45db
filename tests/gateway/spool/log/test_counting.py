"""Counting what waits in a log."""

import sqlite3

from gateway.spool.interface import State, Total
from gateway.spool.log.counting import totals_of_log
from gateway.spool.log.records import Record
from tests.gateway.spool.log.logs import committed, delivered


def test_what_nobody_has_moved() -> None:
    """What waits and is not in the database is counted, with its octets and the age of the oldest."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE messages (seq INTEGER PRIMARY KEY)")
    assert [] == totals_of_log(connection, [])
    connection.execute("INSERT INTO messages VALUES (1)")
    records: list[Record] = [
        committed(1),
        committed(2, b"four"),
        committed(3, received_at=0.5),
        committed(4),
        delivered(4),
    ]
    assert [Total("store", State.WAITING, 2, 9, 0.5)] == totals_of_log(connection, records)
    connection.close()
