"""What stands behind OVER."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import answer
from tests.gateway.sandbox.bigquery.sql.hand_worked import REFUSED

FOUND = {
    "SUM(x) OVER ()": [6, 6, 6],
    "SUM(x) OVER (ORDER BY x)": [1, 3, 6],
    "SUM(x) OVER (ORDER BY x ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)": [6, 5, 3],
    "SUM(x) OVER (ORDER BY x ROWS 1 PRECEDING)": [1, 3, 5],
    "COUNT(*) OVER (PARTITION BY MOD(x, 2))": [2, 1, 2],
    "SUM(x) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)": REFUSED,
    "SUM(x) OVER (PARTITION BY x / 2)": REFUSED,
    "UPPER('a') OVER ()": REFUSED,
    "ROW_NUMBER()": REFUSED,
}


@pytest.mark.parametrize("expression", FOUND)
def test_frames(expression: str) -> None:
    """The values are right, or the query is refused."""
    found = answer(f"SELECT {expression} AS v FROM UNNEST([1, 2, 3]) AS x ORDER BY x")
    assert FOUND[expression] == (found if found == REFUSED else [row[0] for row in found])
