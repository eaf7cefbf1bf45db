"""How a query is refused."""

import pytest

from gateway.sandbox.bigquery.sql.refusing import QueryRefused, failing, reason_of, refusing

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: install hilum[sandbox]")


def test_text() -> None:
    """The text has the construct and the reason."""
    assert "PIVOT is not supported here" == str(QueryRefused("PIVOT"))
    assert "PIVOT" == QueryRefused("PIVOT", "is odd").construct


@pytest.mark.parametrize(
    ("sql", "reason"), [(failing("it's 0"), "it's 0"), (refusing("a value"), "a value is not supported here")]
)
def test_an_error_while_the_query_runs(sql: str, reason: str) -> None:
    """A branch that is not taken raises nothing; one that is taken ends the query with the reason."""
    with duckdb.connect() as connection:
        query = f"SELECT CASE WHEN x = 1 THEN {sql} ELSE DATE '2020-01-01' END FROM (VALUES (0), (?)) t(x)"
        assert 2 == len(connection.execute(query, [2]).fetchall())
        with pytest.raises(duckdb.Error) as caught:
            connection.execute(query, [1]).fetchall()
    assert reason == reason_of(str(caught.value))


def test_another_error() -> None:
    """The text of another error, which may quote values, is not passed on."""
    assert reason_of("Conversion Error: Could not convert string 'Doe^Jane' to BOOL") is None
