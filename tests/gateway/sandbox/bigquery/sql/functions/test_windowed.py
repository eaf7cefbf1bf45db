"""Functions that stand only with OVER."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import answer
from tests.gateway.sandbox.bigquery.sql.hand_worked import REFUSED

FOUND = {
    "ROW_NUMBER() OVER (ORDER BY x DESC)": [3, 2, 1],
    "RANK() OVER (ORDER BY MOD(x, 2))": [2, 1, 2],
    "DENSE_RANK() OVER (ORDER BY MOD(x, 2))": [2, 1, 2],
    "PERCENT_RANK() OVER (ORDER BY x)": [0.0, 0.5, 1.0],
    "LAG(x, 1, 0) OVER (ORDER BY x)": [0, 1, 2],
    "LEAD(x) OVER (ORDER BY x)": [2, 3, None],
    "LAG(x, 1, 'a') OVER (ORDER BY x)": REFUSED,
    "FIRST_VALUE(x) OVER (ORDER BY x)": [1, 1, 1],
    "LAST_VALUE(x) OVER (ORDER BY x)": [1, 2, 3],
    "LAST_VALUE(x) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)": [3, 3, 3],
    "NTH_VALUE(x, 2) OVER (ORDER BY x)": REFUSED,
    "LAG(x)": REFUSED,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The values are right, or the query is refused."""
    found = answer(f"SELECT {expression} AS v FROM UNNEST([1, 2, 3]) AS x ORDER BY x")
    assert FOUND[expression] == (found if found == REFUSED else [row[0] for row in found])
