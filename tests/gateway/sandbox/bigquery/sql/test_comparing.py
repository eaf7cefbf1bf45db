"""Comparisons."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import answer, value
from tests.gateway.sandbox.bigquery.sql.hand_worked import REFUSED

NAN = "IEEE_DIVIDE(0, 0)"


@pytest.mark.parametrize("operator", ["=", "<", "<=", ">", ">="])
def test_nan_is_equal_to_nothing(operator: str) -> None:
    """NaN is not equal to, less or greater than anything; DuckDB alone would say that it is the greatest."""
    for other in (NAN, "1.0", "1"):
        assert value(f"{NAN} {operator} {other}") is False
        assert value(f"{other} {operator} {NAN}") is False
    assert value(f"{NAN} {operator} NULL") is None


def test_unequal() -> None:
    """NaN is unequal to everything."""
    assert value(f"{NAN} <> {NAN}") is True
    assert [(2,), (3,), (4,)] == answer("SELECT id FROM images WHERE dose != 1.5 OR dose IS NULL ORDER BY id")


@pytest.mark.parametrize(
    "query",
    ["SELECT [1] = [1]", "SELECT 'a' < 1", "SELECT TRUE = 1", "SELECT b'a' = 'a'", "SELECT 1 LIKE 'a'", "SELECT NOT 1"],
)
def test_types(query: str) -> None:
    """Values of different types are not compared."""
    assert REFUSED == answer(query)


def test_like() -> None:
    """A backslash takes the meaning of the next character away; one at the end is an error."""
    assert value("'50%' LIKE r'50\\%'") is True
    assert value("'a\\nb' LIKE 'a%b'") is True
    assert REFUSED == value("'a' LIKE r'a\\'")
