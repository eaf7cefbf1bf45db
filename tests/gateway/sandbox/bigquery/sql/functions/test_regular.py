"""Regular expressions."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "REGEXP_CONTAINS('a\\nb', 'a.b')": False,
    "REGEXP_CONTAINS('ABC', '(?i)b')": True,
    "REGEXP_CONTAINS(NULL, 'a')": None,
    "REGEXP_EXTRACT('key=value', r'=(.+)')": "value",
    "REGEXP_EXTRACT('key=', r'=(.*)')": UNSURE,
    "REGEXP_EXTRACT('abc', 'b')": "b",
    "REGEXP_EXTRACT('abc', '(')": REFUSED,
    "REGEXP_REPLACE('abc', 'x*', '-')": REFUSED,
    "REGEXP_REPLACE('a.b', r'\\.', '')": "ab",
    "REGEXP_EXTRACT_ALL('a1b2', r'\\d')[OFFSET(1)]": "2",
    "REGEXP_EXTRACT_ALL('a1b2', r'\\d')[OFFSET(2)]": FAILED,
    "REGEXP_CONTAINS('a', x) FROM UNNEST(['a']) AS x": REFUSED,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)
