"""Numbers and arithmetic."""

import pytest

from gateway.sandbox.bigquery.sql.numbers import arithmetic, int_literal, number_literal
from gateway.sandbox.bigquery.sql.refusing import QueryRefused
from gateway.sandbox.bigquery.sql.types import FLOAT64, INT64
from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE


def test_literals() -> None:
    """A number without a dot is an INT64, another one a FLOAT64."""
    assert (INT64, FLOAT64, FLOAT64) == tuple(number_literal(each).type for each in ("1", "1.0", "1e3"))
    for wrong in ("1e999", "abc", "9223372036854775808"):
        with pytest.raises(QueryRefused):
            number_literal(wrong)
    with pytest.raises(QueryRefused):
        int_literal(2**63)


def test_types() -> None:
    """An operator finds one type for both sides."""
    assert INT64 == arithmetic("+", int_literal(1), int_literal(2)).type
    assert FLOAT64 == arithmetic("*", int_literal(1), number_literal("2.5")).type
    assert FLOAT64 == arithmetic("/", int_literal(4), int_literal(2)).type


FOUND = {
    "5 - 7 * 2": -9,
    "(5 - 7) * 2": -4,
    "2 * 1.5 + 1": 4.0,
    "9223372036854775807 * 2": FAILED,
    "1.0 / 0": FAILED,
    "1 / (2 - 2)": FAILED,
    "1e200 * 1e200 * 0": UNSURE,
    "'a' + 'b'": REFUSED,
    "TRUE + 1": REFUSED,
    "NUMERIC '0.1' + NUMERIC '0.2' = NUMERIC '0.3'": True,
    "NUMERIC '2' * NUMERIC '2'": REFUSED,
    "NULL + 1": None,
    "DATE '2020-02-28' + 1 = DATE '2020-02-29'": True,
}


@pytest.mark.parametrize("expression", FOUND)
def test_arithmetic(expression: str) -> None:
    """The value is right, or the query is refused."""
    assert FOUND[expression] == value(expression)
