"""Functions of numbers."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "ROUND(-0.5)": -1.0,
    "ROUND(2.345678, 2)": 2.35,
    "ROUND(2.675, 2)": UNSURE,
    "ROUND(1234.5, -2)": 1200.0,
    "TRUNC(2.9)": 2.0,
    "CEILING(-1.5)": -1.0,
    "ABS(-1.5)": 1.5,
    "MOD(5, -3)": 2,
    "SAFE.MOD(1, 0)": None,
    "SAFE.DIV(7, 2)": 3,
    "SAFE_SUBTRACT(-9223372036854775808, 1)": None,
    "SAFE_MULTIPLY(4000000000, 4000000000)": None,
    "POW(10, 400)": UNSURE,
    "LOG10(1000)": 3.0,
    "LOG(-1)": FAILED,
    "LOG(8, 2)": REFUSED,
    "GREATEST('a', 'b')": "b",
    "LEAST(TRUE, FALSE)": REFUSED,
    "GREATEST(1.0, IEEE_DIVIDE(0, 0))": UNSURE,
    "IS_INF(IEEE_DIVIDE(1, 0))": True,
    "ABS('a')": REFUSED,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)
