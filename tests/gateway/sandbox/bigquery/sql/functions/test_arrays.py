"""Functions of arrays."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "ARRAY_LENGTH(CAST(NULL AS ARRAY<INT64>))": None,
    "ARRAY_LENGTH([])": 0,
    "ARRAY_TO_STRING([], ',')": "",
    "ARRAY_TO_STRING([1], ',')": REFUSED,
    "ARRAY_LENGTH(GENERATE_ARRAY(1, 10, 4))": 3,
    "GENERATE_ARRAY(1, 3, 0)": FAILED,
    "ARRAY_LENGTH(GENERATE_ARRAY(1, 100000000))": FAILED,
    "GENERATE_ARRAY(NULL, 1)": REFUSED,
    "ARRAY_CONCAT([1], CAST(NULL AS ARRAY<INT64>))": None,
    "ARRAY_REVERSE(['a', 'b'])[OFFSET(0)]": "b",
    "ARRAY(SELECT AS STRUCT 1 AS a)": REFUSED,
    "ARRAY_LENGTH('a')": REFUSED,
    "ARRAY_LENGTH([UPPER('ß')])": UNSURE,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)
