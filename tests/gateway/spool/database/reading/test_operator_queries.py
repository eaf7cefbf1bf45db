"""What operators ask."""

import sqlite3

import pytest

from gateway.spool import Parked, Selection, State
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.reading import operator_queries
from gateway.spool.database.reading.operator_queries import OperatorQueries
from tests.gateway.spool.database.test_ledger import new


def test_find_in_order_by_pages(connection: sqlite3.Connection) -> None:
    """Pages follow each other without gap or overlap, whatever states and destinations they mix."""
    writes = Ledger(connection)
    for number in range(1, 8):
        writes.add(new(None, ("a", "b") if number % 2 else ("b",)), 0.0)
    for key in [(1, 1), (3, 2), (4, 2)]:
        writes.settle(key, Parked("no"), 0.0, 0.0)
    reads, after, found = OperatorQueries(connection), (0, 0), []
    while page := reads.find(Selection(), None, after, 2):
        after = page[-1].key
        found += [row.key for row in page]
    assert sorted(found) == found
    assert 11 == len(set(found)) == len(found)
    parked = reads.find(Selection(state=State.PARKED), None, (0, 0), 9)
    assert [(1, 1), (3, 2), (4, 2)] == [row.key for row in parked]


@pytest.mark.parametrize("step", [1, 2, 100])
def test_find_leaves_out_what_is_not_meant(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """A listener and an age narrow the list, however few numbers are looked through at once."""
    monkeypatch.setattr(operator_queries, "STEP", step)
    ledger = Ledger(connection)
    for _ in range(12):
        ledger.add(new(None), 0.0)
    connection.execute("UPDATE messages SET listener = 'rare' WHERE seq IN (5, 9, 12)")
    connection.execute("UPDATE messages SET received_at = seq")
    connection.execute("DELETE FROM deliveries WHERE message BETWEEN 6 AND 8")
    reads = OperatorQueries(connection)
    table = {
        Selection(listener="rare"): [5, 9, 12],
        Selection(listener="rare", received_before=12): [5, 9],
        Selection(received_before=4): [1, 2, 3],
        Selection(received_before=0): [],
        Selection(listener="unknown"): [],
    }
    for selection, expected in table.items():
        assert expected == [row.key[0] for row in reads.find(selection, None, (0, 0), 9)]
