"""ORDER BY."""

from tests.gateway.sandbox.bigquery.sql.asking import answer
from tests.gateway.sandbox.bigquery.sql.hand_worked import REFUSED


def test_nan_is_the_least_number() -> None:
    """NULL is less than NaN, and NaN less than every number."""
    kind = "IF(x IS NULL, 'null', IF(IS_NAN(x), 'nan', 'number'))"
    query = f"SELECT {kind} AS k FROM UNNEST([1.5, IEEE_DIVIDE(0, 0), NULL]) AS x"
    assert ["null", "nan", "number"] == [row[0] for row in answer(f"{query} ORDER BY x")]
    assert ["number", "nan", "null"] == [row[0] for row in answer(f"{query} ORDER BY x DESC")]


def test_nulls_first_and_last() -> None:
    """The place of NULL can be said."""
    query = "SELECT x FROM UNNEST([2, NULL, 1]) AS x ORDER BY x"
    assert [(None,), (1,), (2,)] == answer(query)
    assert [(1,), (2,), (None,)] == answer(f"{query} ASC NULLS LAST")
    assert [(None,), (2,), (1,)] == answer(f"{query} DESC NULLS FIRST")


def test_what_has_no_order() -> None:
    """Arrays, STRUCTs and JSON have no order."""
    for column in ("tags", "meta"):
        assert REFUSED == answer(f"SELECT id FROM images ORDER BY {column}")
