"""Rows that come again."""

import pytest

from gateway.sandbox.bigquery import insert_ids
from gateway.sandbox.bigquery.insert_ids import InsertIds
from gateway.sandbox.bigquery.names import TableName

A, B = TableName("p", "d", "a"), TableName("p", "d", "b")


def test_a_minute() -> None:
    """An ID is known for a minute, in its table."""
    now = [0.0]
    known = InsertIds(lambda: now[0])
    assert [True, True, False, True, True] == known.take(A, ["x", "y", "x", None, None])
    assert [True] == known.take(B, ["x"])
    now[0] = 59.0
    assert [False, True] == known.take(A, ["x", "z"])
    now[0] = 60.0
    assert [True, False] == known.take(A, ["x", "z"])


def test_forgotten() -> None:
    """Rows that were not added may come again, and a table that is made again knows none."""
    known = InsertIds()
    known.take(A, ["x", "y"])
    known.take(B, ["x"])
    known.forget(A, ["x", None])
    assert [True, False] == known.take(A, ["x", "y"])
    known.forget_table(A)
    assert [True, True] == known.take(A, ["x", "y"])
    assert [False] == known.take(B, ["x"])


def test_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are known, and the oldest is forgotten first."""
    monkeypatch.setattr(insert_ids, "MOST", 2)
    known = InsertIds()
    known.take(A, ["x", "y", "z"])
    assert [True, False] == known.take(A, ["x", "z"])
