"""WITH, sets and subqueries."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import answer
from tests.gateway.sandbox.bigquery.sql.hand_worked import REFUSED

FOUND = {
    "WITH a AS (SELECT 1 AS x) SELECT x FROM (WITH a AS (SELECT 2 AS x) SELECT x FROM a)": [(2,)],
    "WITH images AS (SELECT 7 AS id) SELECT id FROM images": [(7,)],
    "WITH a AS (SELECT 1 AS x), b AS (SELECT * FROM a UNION ALL SELECT 2) SELECT SUM(x) FROM b": [(3,)],
    "(SELECT 1 AS x) UNION ALL (SELECT 2) ORDER BY x DESC LIMIT 1": [(2,)],
    "SELECT 1 AS x, 'a' AS y UNION ALL SELECT 2, NULL UNION ALL SELECT NULL, 'c' ORDER BY x": [
        (None, "c"),
        (1, "a"),
        (2, None),
    ],
    "SELECT x FROM (SELECT 1 AS x UNION DISTINCT SELECT 1 UNION DISTINCT SELECT 2) ORDER BY x": [(1,), (2,)],
    "SELECT ARRAY(SELECT id FROM images WHERE patient = p.patient ORDER BY id DESC)"
    " FROM people AS p ORDER BY p.patient": [
        ([2, 1],),
        ([3],),
        ([],),
    ],
    "SELECT ARRAY(SELECT 1 UNION ALL SELECT 2 ORDER BY 1)": REFUSED,
    "SELECT 1 IN (SELECT 1, 2)": REFUSED,
    "SELECT 1 EXCEPT ALL SELECT 1": REFUSED,
    "SELECT 1, 2 UNION ALL SELECT 1": REFUSED,
    "SELECT 1 AS x UNION ALL SELECT 2 ORDER BY y": REFUSED,
    "SELECT id FROM images LIMIT 1 + 1": REFUSED,
    "WITH a (x) AS (SELECT 1) SELECT x FROM a": REFUSED,
    "SELECT 'a' IN (SELECT id FROM images)": REFUSED,
}


@pytest.mark.parametrize("query", FOUND)
def test_queries(query: str) -> None:
    """The answer is right, or the query is refused."""
    assert FOUND[query] == answer(query)
