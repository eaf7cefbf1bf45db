"""Aggregate functions."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "COUNT(DISTINCT x) FROM UNNEST(['a', NULL, 'a']) AS x": 1,
    "COUNTIF(x > 1) FROM UNNEST([1, 2, NULL]) AS x": 1,
    "SUM(DISTINCT x) FROM UNNEST([1, 1, 2]) AS x": 3,
    "SUM(x) FROM UNNEST([9223372036854775807, 1]) AS x": FAILED,
    "AVG(x) FROM UNNEST([1, 2]) AS x": 1.5,
    "AVG(NUMERIC '1')": REFUSED,
    "MAX(x) FROM UNNEST([1.5, IEEE_DIVIDE(0, 0)]) AS x WHERE FALSE": None,
    "IS_NAN(MAX(x)) FROM UNNEST([1.5, IEEE_DIVIDE(0, 0)]) AS x": True,
    "ARRAY_AGG(x ORDER BY x DESC LIMIT 1)[OFFSET(0)] FROM UNNEST([1, 3, 2]) AS x": 3,
    "ARRAY_AGG(x IGNORE NULLS) FROM UNNEST([CAST(NULL AS INT64)]) AS x": None,
    "ARRAY_AGG(DISTINCT x ORDER BY -x) FROM UNNEST([1]) AS x": REFUSED,
    "STRING_AGG(DISTINCT x ORDER BY x) FROM UNNEST(['b', 'a', 'b']) AS x": "a,b",
    "STRING_AGG(x, '' ORDER BY x DESC) FROM UNNEST(['b', NULL, 'a']) AS x": "ba",
    "STRING_AGG(x) FROM UNNEST([1]) AS x": REFUSED,
    "LOGICAL_OR(x) FROM UNNEST([FALSE, NULL]) AS x": False,
    "LOGICAL_AND(x) FROM UNNEST([1]) AS x": REFUSED,
    "APPROX_COUNT_DISTINCT(x) FROM UNNEST([1, 1, 2]) AS x": 2,
    "COUNT(*) FROM UNNEST([1]) AS x WHERE IF(x = 1, 'a', 'b') = UPPER('ß')": UNSURE,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)
