"""What is written to the deliveries."""

import sqlite3

import pytest

from gateway.spool.database import statements

BY_KEY = {
    "standing": statements.STANDING,
    "insert": statements.INSERT_DELIVERY,
    "copy": statements.COPY_DELIVERY,
    "put off": statements.PUT_OFF,
    "end of a pause": statements.END_PAUSE,
    "settle": statements.SETTLE,
    "discard": statements.DISCARD,
    "wait again": statements.WAIT_AGAIN,
    "review": statements.REVIEW,
}
FRONTS = ["standing", "insert", "wait again", "review"]


def plan_of(connection: sqlite3.Connection, statement: str) -> list[str]:
    """Return how SQLite would find the rows."""
    values = [1] * (6 if "?6" in statement else statement.count("?"))
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


@pytest.mark.parametrize("statement", BY_KEY.values(), ids=BY_KEY)
def test_no_table_is_scanned(connection: sqlite3.Connection, statement: str) -> None:
    """A million rows cost what a thousand do."""
    plan = plan_of(connection, statement)
    assert [] == [
        step for step in plan if "TEMP B-TREE" in step or (step.startswith("SCAN") and "CONSTANT" not in step)
    ]


@pytest.mark.parametrize("name", FRONTS)
def test_who_is_before_it(connection: sqlite3.Connection, name: str) -> None:
    """Who is before a delivery, or behind it, is found by the two indexes of its queues."""
    plan = " ".join(plan_of(connection, BY_KEY[name]))
    assert (True, True) == ("INDEX lanes" in plan, "INDEX waiting_names" in plan), plan


def test_all_have_it(connection: sqlite3.Connection) -> None:
    """RESTORE_FRONTS reads all that waits, and nothing else."""
    plan = " ".join(plan_of(connection, statements.RESTORE_FRONTS))
    assert (True, True) == ("INDEX lanes" in plan, "INDEX waiting_names" in plan), plan
