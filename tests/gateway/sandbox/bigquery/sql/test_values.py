"""Which types become which without a CAST."""

import pytest

from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import DATE, FLOAT64, INT64, NULL, NUMERIC, STRING, TIMESTAMP, array
from gateway.sandbox.bigquery.sql.values import MOST_SQL, Value, as_type, common, is_simple

NUMBER, TEXT, LITERAL = Value("n", INT64), Value("t", STRING), Value("'2020-01-01'", STRING, literal="2020-01-01")


def test_as_type() -> None:
    """An integer becomes a FLOAT64, a literal a date, NULL everything, and nothing else."""
    good = [(NUMBER, FLOAT64), (NUMBER, NUMERIC), (LITERAL, DATE), (LITERAL, TIMESTAMP), (Value("NULL", NULL), DATE)]
    assert all(as_type(each, wanted) for each, wanted in good)
    bad = [(NUMBER, STRING), (TEXT, INT64), (TEXT, DATE), (Value("x", FLOAT64), INT64)]
    assert not any(as_type(each, wanted) for each, wanted in bad)


def test_common() -> None:
    """Several values get one type, or are refused."""
    assert {FLOAT64} == {each.type for each in common([NUMBER, Value("x", FLOAT64), Value("NULL", NULL)], "x")}
    assert {DATE} == {each.type for each in common([LITERAL, Value("d", DATE)], "x")}
    assert {array(INT64)} == {each.type for each in common([Value("[]", array(NULL)), Value("a", array(INT64))], "x")}
    with pytest.raises(QueryRefused, match="add a CAST"):
        common([NUMBER, TEXT], "x")


def test_a_value_that_may_be_infinite() -> None:
    """It is checked where it is used, and not at every step."""
    assert "isfinite" in Value("x", FLOAT64, is_unchecked=True).sql
    assert "x" == Value("x", FLOAT64).sql


def test_size() -> None:
    """SQL that grows too large is refused."""
    with pytest.raises(QueryRefused):
        Value("x" * (MOST_SQL + 1), INT64)
    assert (True, False) == (is_simple("a_1"), is_simple("a b"))
