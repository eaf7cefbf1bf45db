"""Expressions."""

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import reason, types, value
from tests.gateway.sandbox.bigquery.sql.hand_worked import REFUSED


def test_types_of_literals() -> None:
    """Literals have the types of BigQuery: a number with a dot is a FLOAT64."""
    query = "SELECT 1, 1.5, 'a', b'a', TRUE, NULL, [1], DATE '2020-01-01', JSON '1', STRUCT(1 AS a), []"
    expected = "INT64 FLOAT64 STRING BYTES BOOL INT64 ARRAY<INT64> DATE JSON STRUCT<a|INT64> ARRAY<INT64>"
    assert [each.replace("|", " ") for each in expected.split()] == types(query)


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("FOO(1)", "the function FOO"),
        ("LENGTH(1)", r"LENGTH\(INT64\)"),
        ("1 | 2", "BITWISE OR"),
        ("(1, 2)", "TUPLE"),
        ("CAST(1 AS GEOGRAPHY)", "GEOGRAPHY"),
        ("'a' LIKE ANY ('a')", "LIKE ANY|ANY"),
        ("EXTRACT(EPOCH FROM DATE '2020-01-01')", "EXTRACT of EPOCH"),
        ("STRUCT(1)", "STRUCT"),
        ("b'\\\\x00'", "octets"),
        ("@p", "a parameter"),
        ("[1][0, 1]", "several indices"),
    ],
)
def test_refused_by_name(expression: str, name: str) -> None:
    """What is not known is named."""
    import re  # noqa: PLC0415

    assert re.search(name, reason(f"SELECT {expression}"))


def test_signs_and_parentheses() -> None:
    """A sign belongs to its number, so that the least INT64 can be written."""
    assert [-(2**63), -2.5, 3, -1] == [value(each) for each in ("-9223372036854775808", "-2.5", "-(-3)", "-(2 - 1)")]
    assert REFUSED == value("-'a'")


def test_structs_of_an_array() -> None:
    """The names of the first STRUCT are those of all."""
    assert 2 == value("x.b FROM UNNEST([STRUCT('p' AS a, 1 AS b), STRUCT('q', 2)]) AS x WHERE x.a = 'q'")
