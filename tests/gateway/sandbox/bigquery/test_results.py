"""The rows of a result as rows of a table."""

from datetime import UTC, date, datetime
from decimal import Decimal

from gateway.sandbox.bigquery.results import as_row
from gateway.sandbox.bigquery.sql.types import Type, array


def test_values() -> None:
    """Each value has the form that a table takes."""
    columns = [
        ("d", Type("DATE")),
        ("t", Type("TIMESTAMP")),
        ("n", Type("NUMERIC")),
        ("b", Type("BYTES")),
        ("j", Type("JSON")),
        ("a", array(Type("INT64"))),
        ("s", Type("STRUCT", (("x", Type("STRING")),))),
        ("e", array(Type("INT64"))),
        ("z", Type("STRING")),
    ]
    row = [
        date(2020, 1, 2),
        datetime(2020, 1, 2, tzinfo=UTC),
        Decimal("1.5"),
        b"a",
        '{"k": 1}',
        [1],
        {"x": "y"},
        None,
        None,
    ]
    assert {
        "d": "2020-01-02",
        "t": "2020-01-02 00:00:00+00:00",
        "n": "1.5",
        "b": "\\x61",
        "j": {"k": 1},
        "a": [1],
        "s": {"x": "y"},
        "e": [],
        "z": None,
    } == as_row(row, columns)
