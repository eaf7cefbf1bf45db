"""What the dispatcher asks."""

import sqlite3

import pytest

from gateway.spool import Selection
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.reading.dispatcher_queries import DispatcherQueries
from gateway.spool.database.reading.operator_queries import OperatorQueries
from gateway.spool.database.reading.rows import UNREADABLE
from tests.gateway.spool.database.test_ledger import new

NOBODY: frozenset[int | bytes | None] = frozenset()


def test_fronts(connection: sqlite3.Connection) -> None:
    """What was put off and is due again goes before what came later; what is not due waits."""
    writes = Ledger(connection)
    for _ in range(3):
        writes.add(new(None), 0.0)
    connection.execute("UPDATE deliveries SET due = 10 WHERE message = 1")
    connection.execute("UPDATE deliveries SET due = 20 WHERE message = 2")
    reads = DispatcherQueries(connection)
    assert [(3, 1), (1, 1)] == reads.heads("a", 15.0, 9, NOBODY)
    assert [(3, 1)] == reads.heads("a", 5.0, 9, NOBODY)
    assert (10.0, 20.0) == (reads.next_due("a", NOBODY), reads.next_due("a", frozenset([1])))
    assert [] == reads.heads("unknown", 99.0, 9, NOBODY)


def test_probes(connection: sqlite3.Connection) -> None:
    """Never tried ones come first, from the place on and then around; then the failed ones, the longest due first."""
    writes = Ledger(connection)
    for _ in range(6):
        writes.add(new(None), 0.0)
    connection.execute("UPDATE deliveries SET due = 30 - message WHERE message < 3")
    reads = DispatcherQueries(connection)
    places = {place: [key[0] for key in reads.probes("a", 99.0, 9, NOBODY, place)] for place in (0.0, 0.5, 0.99)}
    assert {0.0: [3, 4, 5, 6, 2, 1], 0.5: [5, 6, 3, 4, 2, 1], 0.99: [6, 3, 4, 5, 2, 1]} == places
    assert [(4, 1)] == reads.probes("a", 99.0, 1, frozenset([3]), 0.0)
    assert [] == reads.probes("unknown", 99.0, 9, NOBODY, 0.5)


def test_probes_of_what_failed(connection: sqlite3.Connection) -> None:
    """Of the failed ones the least tried comes first: messages that no store can take do not keep it waiting."""
    writes = Ledger(connection)
    for _ in range(4):
        writes.add(new(None), 0.0)
    connection.execute("UPDATE deliveries SET due = message, attempts = CASE message WHEN 3 THEN 1 ELSE 40 END")
    reads = DispatcherQueries(connection)
    assert [(3, 1), (1, 1), (2, 1), (4, 1)] == reads.probes("a", 99.0, 9, NOBODY, 0.0)
    assert [(1, 1), (2, 1)] == reads.probes("a", 2.0, 9, NOBODY, 0.0)
    assert [(1, 1)] == reads.probes("a", 99.0, 1, frozenset([3]), 0.0)


@pytest.mark.parametrize("column", ["header = x'00'", "header = 'text'", "header_sum = 1"])
def test_a_damaged_header(connection: sqlite3.Connection, column: str) -> None:
    """A message whose row was changed is handed out as damaged and listed as unreadable."""
    Ledger(connection).add(new(None), 0.0)
    connection.execute(f"UPDATE messages SET {column}")
    head = DispatcherQueries(connection).head((1, 1))
    assert head is not None
    assert (UNREADABLE, None) == (head.header, head.payload)
    (row,) = OperatorQueries(connection).find(Selection(), None, (0, 0), 9)
    assert UNREADABLE == row.header
