"""IF, COALESCE, IFNULL, NULLIF."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "IF(1 < 2, 'a', NULL)": "a",
    "IF(NULL, 'a', 'b')": "b",
    "IF(1, 'a', 'b')": REFUSED,
    "COALESCE(NULL, 1, 2.5)": 1.0,
    "COALESCE(NULL, 'a', 1)": REFUSED,
    "IFNULL(NULL, DATE '2020-01-01') = '2020-01-01'": True,
    "NULLIF(2.5, 2.5)": None,
    "IF(TRUE, 1, DIV(1, 0))": 1,
    "IF(FALSE, 1, DIV(1, 0))": FAILED,
    "STRUCT(1 AS a, 'x' AS b).b": "x",
    "IF(TRUE, UPPER('ß'), 'x')": UNSURE,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)
