"""Every read of the database."""

import re
import sqlite3

import pytest

from gateway.spool.database import authentic, recognition
from gateway.spool.database.reading import base, dispatcher_queries, operator_queries, queries

STATEMENTS = {
    "ready": dispatcher_queries.READY,
    "ready since": dispatcher_queries.READY_SINCE,
    "due": dispatcher_queries.DUE,
    "paused": dispatcher_queries.PAUSED,
    "waiting": dispatcher_queries.WAITING_DELIVERY,
    "message": dispatcher_queries.MESSAGE,
    "payload": base.PAYLOAD,
    "bound": authentic.BOUND,
    "oldest": operator_queries.OLDEST,
    "record": operator_queries.RECORD,
    "range": re.sub(":[a-z_]+", "?", operator_queries.RANGE),
    "range down": re.sub(":[a-z_]+", "?", operator_queries.RANGE_DOWN),
    "with identifiers": re.sub(":[a-z_]+", "?", operator_queries.WITH_IDENTIFIERS),
    "deliveries": operator_queries.DELIVERIES_OF,
    "next": operator_queries.NEXT,
    "next down": operator_queries.NEXT_DOWN,
    "received": operator_queries.RECEIVED,
    "received since": operator_queries.RECEIVED_SINCE,
    "received until": operator_queries.RECEIVED_UNTIL,
    "ordering key": queries.OF_KEY,
    "name": queries.NAME,
    "first of an ordering key": dispatcher_queries.FIRST_OF_KEY,
    "first of a name": dispatcher_queries.FIRST_NAME,
    "untried": dispatcher_queries.UNTRIED,
    "last": recognition.LAST,
    "ended": "SELECT seq FROM messages WHERE ended_at < ? ORDER BY ended_at LIMIT ?",
    "file": "SELECT 1 FROM payloads WHERE file = ?",
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_no_table_is_scanned(connection: sqlite3.Connection, statement: str) -> None:
    """Every statement finds its rows by an index, and in its order: a million rows cost what a thousand do."""
    values = [1] * (6 if "?6" in statement else statement.count("?"))
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    scans = [step for step in plan if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"]
    assert [] == scans + [step for step in plan if "TEMP B-TREE" in step]
