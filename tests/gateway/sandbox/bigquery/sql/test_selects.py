"""The clauses of a SELECT."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import answer
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED

FOUND = {
    "SELECT UPPER(patient) AS patient, COUNT(*) FROM images GROUP BY patient": REFUSED,
    "SELECT patient AS patient, COUNT(*) FROM images GROUP BY patient ORDER BY patient LIMIT 1": [(None, 1)],
    "SELECT -id AS id FROM images ORDER BY id LIMIT 1": [(-4,)],
    "SELECT modality, COUNT(*) AS n FROM images GROUP BY modality HAVING n > 1": [("CT", 3)],
    "SELECT COUNT(*) AS n FROM images HAVING n > 9": [],
    "SELECT id FROM images HAVING TRUE": REFUSED,
    "SELECT MOD(id, 2) AS m, SUM(id) FROM images GROUP BY MOD(id, 2) ORDER BY m": [(0, 6), (1, 4)],
    "SELECT 1 FROM images GROUP BY 2": REFUSED,
    "SELECT id FROM images ORDER BY 2": REFUSED,
    "SELECT meta, COUNT(*) FROM images GROUP BY meta": REFUSED,
    "SELECT id FROM images WHERE COUNT(*) > 1": FAILED,
    "SELECT id FROM images WHERE id": REFUSED,
    "SELECT i.* EXCEPT (dose, day, tags, meta, modality) FROM images AS i WHERE id = 3": [(3, "B")],
    "SELECT * EXCEPT (nothing) FROM images": REFUSED,
    "SELECT *": REFUSED,
    "SELECT 1 WHERE FALSE": REFUSED,
    "SELECT s.* FROM (SELECT STRUCT(1 AS a, 2 AS b) AS s)": [(1, 2)],
    "SELECT DISTINCT ON (id) id FROM images": REFUSED,
    "SELECT COUNT(*) FROM images WHERE patient = 'A' AND day IS NOT NULL": [(2,)],
    "SELECT modality, patient FROM images ORDER BY modality DESC, patient LIMIT 2": [("MR", "A"), ("CT", None)],
}


@pytest.mark.parametrize("query", FOUND)
def test_clauses(query: str) -> None:
    """The answer is right, or the query is refused."""
    assert FOUND[query] == answer(query)
