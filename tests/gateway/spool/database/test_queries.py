"""What is read from the database."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.spool import Parked, Selection, State
from gateway.spool.database import authentic, ledger, queries, recognition, schema
from gateway.spool.database.ledger import Ledger
from gateway.spool.database.queries import UNREADABLE, Queries
from gateway.spool.database.schema import connect, prepare
from gateway.spool.payloads.seal import Plain
from tests.gateway.spool.database.test_ledger import new

NOBODY: frozenset[int | bytes | None] = frozenset()
STATEMENTS = {
    "ready": queries.READY,
    "ready since": queries.READY_SINCE,
    "due": queries.DUE,
    "paused": queries.PAUSED,
    "waiting": queries.WAITING_DELIVERY,
    "message": queries.MESSAGE,
    "payload": queries.PAYLOAD,
    "bound": authentic.BOUND,
    "oldest": queries.OLDEST,
    "range": re.sub(":[a-z]+", "?", queries.RANGE),
    "next": queries.NEXT,
    "received": queries.RECEIVED,
    "lane": queries.LANE,
    "name": queries.NAME,
    "first of a lane": queries.FIRST_LANE,
    "first of a name": queries.FIRST_NAME,
    "untried": queries.UNTRIED,
    "standing": ledger.STANDING,
    "insert": ledger.INSERT_DELIVERY,
    "review": f"UPDATE deliveries AS d SET front = {schema.FIRST} WHERE message = ? AND destination = ?",
    "last": recognition.LAST,
    "ended": "SELECT seq FROM messages WHERE ended_at < ? ORDER BY ended_at LIMIT ?",
    "file": "SELECT 1 FROM payloads WHERE file = ?",
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open a new database."""
    with closing(connect(tmp_path / "spool.db", 1024)) as opened:
        prepare(opened, Plain())
        yield opened


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_no_table_is_scanned(connection: sqlite3.Connection, statement: str) -> None:
    """Every statement finds its rows by an index, and in its order: a million rows cost what a thousand do."""
    values = [1] * (6 if "?6" in statement else statement.count("?"))
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    scans = [step for step in plan if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"]
    assert [] == scans + [step for step in plan if "TEMP B-TREE" in step]


def test_fronts(connection: sqlite3.Connection) -> None:
    """What was put off and is due again goes before what came later; what is not due waits."""
    writes = Ledger(connection)
    for _ in range(3):
        writes.add(new(None), 0.0)
    connection.execute("UPDATE deliveries SET due = 10 WHERE message = 1")
    connection.execute("UPDATE deliveries SET due = 20 WHERE message = 2")
    reads = Queries(connection)
    assert [(3, 1), (1, 1)] == reads.fronts("a", 15.0, 9, NOBODY)
    assert [(3, 1)] == reads.fronts("a", 5.0, 9, NOBODY)
    assert (10.0, 20.0) == (reads.next_due("a", NOBODY), reads.next_due("a", frozenset([1])))
    assert [] == reads.fronts("unknown", 99.0, 9, NOBODY)


def test_probes(connection: sqlite3.Connection) -> None:
    """Never tried ones come first, from the place on and then around; then the failed ones, the longest due first."""
    writes = Ledger(connection)
    for _ in range(6):
        writes.add(new(None), 0.0)
    connection.execute("UPDATE deliveries SET due = 30 - message WHERE message < 3")
    reads = Queries(connection)
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
    reads = Queries(connection)
    assert [(3, 1), (1, 1), (2, 1), (4, 1)] == reads.probes("a", 99.0, 9, NOBODY, 0.0)
    assert [(1, 1), (2, 1)] == reads.probes("a", 2.0, 9, NOBODY, 0.0)
    assert [(1, 1)] == reads.probes("a", 99.0, 1, frozenset([3]), 0.0)


@pytest.mark.parametrize("column", ["header = x'00'", "header = 'text'", "header_sum = 1"])
def test_a_damaged_header(connection: sqlite3.Connection, column: str) -> None:
    """A message whose row was changed is handed out as damaged and listed as unreadable."""
    Ledger(connection).add(new(None), 0.0)
    connection.execute(f"UPDATE messages SET {column}")
    front = Queries(connection).front((1, 1))
    assert front is not None
    assert (UNREADABLE, None) == (front.header, front.payload)
    (row,) = Queries(connection).find(Selection(), None, (0, 0), 9)
    assert UNREADABLE == row.header


def test_find_in_order_by_pages(connection: sqlite3.Connection) -> None:
    """Pages follow each other without gap or overlap, whatever states and destinations they mix."""
    writes = Ledger(connection)
    for number in range(1, 8):
        writes.add(new(None, ("a", "b") if number % 2 else ("b",)), 0.0)
    for key in [(1, 1), (3, 2), (4, 2)]:
        writes.settle(key, Parked("no"), 0.0, 0.0)
    reads, after, found = Queries(connection), (0, 0), []
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
    monkeypatch.setattr(queries, "STEP", step)
    ledger = Ledger(connection)
    for _ in range(12):
        ledger.add(new(None), 0.0)
    connection.execute("UPDATE messages SET listener = 'rare' WHERE seq IN (5, 9, 12)")
    connection.execute("UPDATE messages SET received_at = seq")
    connection.execute("DELETE FROM deliveries WHERE message BETWEEN 6 AND 8")
    reads = Queries(connection)
    table = {
        Selection(listener="rare"): [5, 9, 12],
        Selection(listener="rare", received_before=12): [5, 9],
        Selection(received_before=4): [1, 2, 3],
        Selection(received_before=0): [],
        Selection(listener="unknown"): [],
    }
    for selection, expected in table.items():
        assert expected == [row.key[0] for row in reads.find(selection, None, (0, 0), 9)]
