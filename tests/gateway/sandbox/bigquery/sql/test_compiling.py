"""A table of queries with results worked out by hand: each is right or refused, and none is wrong."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import answer, lookup, reason, same, types
from tests.gateway.sandbox.bigquery.sql.hand_worked import CASES, FAILED, REFUSED, UNSURE


@pytest.mark.parametrize("query", CASES)
def test_hand_worked(query: str) -> None:
    """The answer is the one that was worked out by hand; a query that is to be refused is refused."""
    found, expected = answer(query), CASES[query]
    assert same(found, expected), f"{query}\nexpected {expected}\nfound    {found}"


def test_there_are_many() -> None:
    """Most queries of the table have an answer, and some are refused."""
    assert len([each for each in CASES.values() if isinstance(each, list)]) > 120
    assert sum(each == REFUSED for each in CASES.values()) > 30
    assert len([each for each in CASES.values() if each in (UNSURE, FAILED)]) > 20


def test_names_of_columns() -> None:
    """Columns without a name are numbered among themselves, and fields have their own."""
    from gateway.sandbox.bigquery.sql.compiling import compile_query  # noqa: PLC0415  it needs sqlglot

    query = "SELECT 1, id, 2, i.id + 1 AS n, meta.Age FROM images AS i"
    assert ["f0_", "id", "f1_", "n", "Age"] == [name for name, _ in compile_query(query, lookup).columns]
    assert ["INT64", "INT64", "INT64", "INT64", "JSON"] == types(query)
    assert "the same name" in reason("SELECT 1 AS a, 2 AS A")


def test_depth() -> None:
    """A query that is very deep is refused, and does not take all memory."""
    assert REFUSED == answer("SELECT " + "(" * 5000 + "1" + ")" * 5000)
    deep = "dose"
    for _ in range(60):
        deep = f"({deep} / {deep})" if len(deep) < 20_000 else f"({deep} + 1)"
    assert REFUSED == answer(f"SELECT {deep} FROM images")
