"""Only known nodes with known arguments."""

import pytest

from gateway.sandbox.bigquery.sql.refusing import QueryRefused

pytest.importorskip("sqlglot", reason="sqlglot is not installed: install hilum[sandbox]")

from gateway.sandbox.bigquery.sql.parsing import ALLOWED, is_installed, parse, told

REFUSED = {
    "": "an empty query",
    "SELECT 1; SELECT 2": "several statements",
    "SELEC 1": "line 1",
    "SELECT 1 FROM t |> WHERE x": "pipe syntax",
    "DROP TABLE t": "DROP",
    "MERGE t USING u ON TRUE WHEN MATCHED THEN DELETE": "MERGE",
    "SELECT x FROM t TABLESAMPLE SYSTEM (1 PERCENT)": "TABLE",
    "SELECT SUM(x) OVER w FROM t WINDOW w AS (ORDER BY x)": "WINDOWS|ALIAS",
    "SELECT x FROM t GROUP BY GROUPING SETS (x)": "GROUP",
    "DECLARE x INT64": "DECLARE|not known",
    "CALL p()": "COMMAND|CALL|not known",
    "EXPORT DATA OPTIONS (uri='x') AS SELECT 1": "EXPORT|not known",
    "SELECT ANY_VALUE(x HAVING MAX y) FROM t": "HAVING MAX",
    "WITH RECURSIVE a AS (SELECT 1) SELECT 1 FROM a": "RECURSIVE",
    "SELECT * FROM t WHERE x = ALL (SELECT 1)": "ALL",
    "SELECT 1 " + "+ 1" * 40_000: "characters",
}


@pytest.mark.parametrize("query", REFUSED, ids=lambda query: query[:50])
def test_refused(query: str) -> None:
    """What is not in the list is refused, whatever sqlglot makes of it."""
    with pytest.raises(QueryRefused, match=REFUSED[query]):
        parse(query)


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """A query that is not known would be quoted in a warning of sqlglot."""
    with pytest.raises(QueryRefused):
        parse("CREATE TABLE x AS 1 'Doe^Jane'")
    assert ("", "") == (caplog.text, capfd.readouterr().err)


def test_functions_stay_what_they_are() -> None:
    """A function keeps its name: sqlglot would turn it into one of another database."""
    tree = parse("SELECT DATE_TRUNC(d, MONTH), LOG(8, 2), SUBSTR(a, 1) FROM t")
    assert ["DATE_TRUNC", "LOG", "SUBSTR"] == [each.this for each in tree.expressions]
    assert {"Anonymous"} == {type(each).__name__ for each in tree.expressions}


def test_words() -> None:
    """A construct is told in the words of SQL."""
    assert is_installed()
    assert "SELECT" == told(parse("SELECT 1"))
    assert {"Select", "Column", "Anonymous"} <= set(ALLOWED)
