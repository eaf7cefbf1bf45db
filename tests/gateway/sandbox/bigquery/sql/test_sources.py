"""What stands behind FROM."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import answer
from tests.gateway.sandbox.bigquery.sql.hand_worked import REFUSED

FOUND = {
    "SELECT a.x, b.x AS y FROM UNNEST([1, 2]) AS a_x, (SELECT 1 AS x) a, (SELECT 3 AS x) b WHERE a_x = 1": [(1, 3)],
    "SELECT x FROM UNNEST([3, 4]) AS x WITH OFFSET AS o WHERE o = 1": [(4,)],
    "SELECT * FROM UNNEST([5]) AS x WITH OFFSET": [(5, 0)],
    "SELECT p.patient FROM images i RIGHT JOIN people p ON i.patient = p.patient WHERE i.id IS NULL": [("C",)],
    "SELECT patient FROM images RIGHT JOIN people USING (patient) WHERE id IS NULL": [("C",)],
    "SELECT * FROM (SELECT 1 AS k, 'a' AS x) JOIN (SELECT 1 AS k, 'b' AS y) USING (k)": [(1, "a", "b")],
    "SELECT COUNT(*) FROM images, people": [(12,)],
    "SELECT COUNT(*) FROM images CROSS JOIN people": [(12,)],
    "SELECT o FROM UNNEST(['a']) WITH OFFSET AS o": [(0,)],
    "SELECT i.id, t FROM images i CROSS JOIN UNNEST(i.tags) AS t WHERE t = 'z'": [(4, "z")],
    "SELECT x FROM UNNEST(CAST(NULL AS ARRAY<INT64>)) AS x": [],
    "SELECT * FROM images JOIN people": REFUSED,
    "SELECT * FROM images NATURAL JOIN people": REFUSED,
    "SELECT 1 FROM images i JOIN images i ON TRUE": REFUSED,
    "SELECT 1 FROM images LEFT JOIN people": REFUSED,
    "SELECT 1 FROM UNNEST([1], [2])": REFUSED,
    "SELECT 1 FROM UNNEST(1)": REFUSED,
    "SELECT 1 FROM images JOIN people USING (id)": REFUSED,
    "SELECT x FROM (SELECT 1 AS x) AS t(x)": REFUSED,
    "SELECT 1 FROM nowhere": REFUSED,
    "SELECT 1 FROM p.d.images": REFUSED,
}


@pytest.mark.parametrize("query", FOUND)
def test_sources(query: str) -> None:
    """The answer is right, or the query is refused."""
    assert FOUND[query] == answer(query)
