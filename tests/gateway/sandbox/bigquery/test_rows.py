"""Rows that come in."""

from typing import Any

import pytest

from gateway.sandbox.bigquery.rows import RowError, read_row

GOOD: dict[str, list[tuple[Any, Any]]] = {
    "STRING": [("a", "a"), (5, "5"), (True, "true")],
    "INTEGER": [("5", 5), (5, 5), (5.0, 5)],
    "FLOAT": [("1.5", 1.5), (2, 2.0), ("NaN", "nan"), ("Infinity", "inf")],
    "NUMERIC": [("1.50", "1.50"), (2, "2")],
    "BOOLEAN": [("true", True), (False, False)],
    "BYTES": [("YWI=", "\\x61\\x62"), ("_w==", "\\xFF")],
    "DATE": [("2020-2-9", "2020-02-09")],
    "TIME": [("03:04:05", "03:04:05")],
    "DATETIME": [("2020-01-02T03:04:05", "2020-01-02 03:04:05")],
    "TIMESTAMP": [("2020-01-02 03:04:05 UTC", "2020-01-02 03:04:05+00"), (0, "1970-01-01 00:00:00+00:00")],
    "JSON": [('{"a": 1}', {"a": 1}), ([1], [1])],
}
BAD = [
    ("STRING", {}),
    ("INTEGER", "x"),
    ("INTEGER", 1.5),
    ("INTEGER", True),
    ("INTEGER", 2**63),
    ("FLOAT", "x"),
    ("NUMERIC", "1e5"),
    ("BOOLEAN", "yes"),
    ("BYTES", "?"),
    ("DATE", "2020-02-30"),
    ("TIMESTAMP", "yesterday"),
    ("JSON", "{"),
]


@pytest.mark.parametrize("kind", GOOD)
def test_values(kind: str) -> None:
    """A value has the form that a table takes."""
    for given, expected in GOOD[kind]:
        found = read_row({"x": given}, [{"name": "x", "type": kind}], ignore_unknown=False)["x"]
        assert (type(expected), expected) == (type(found), found)


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_wrong_values(kind: str, value: object) -> None:
    """An error names the column, and never the value."""
    with pytest.raises(RowError, match=f"a value is no {kind}, column x"):
        read_row({"x": value}, [{"name": "x", "type": kind}], ignore_unknown=False)


def test_shape() -> None:
    """Columns are found in whatever case; lists, records and required values are checked."""
    fields: list[dict[str, Any]] = [
        {"name": "Id", "type": "INTEGER", "mode": "REQUIRED"},
        {"name": "r", "type": "RECORD", "mode": "REPEATED", "fields": [{"name": "a", "type": "STRING"}]},
    ]
    assert {"Id": 1, "r": [{"a": "x"}]} == read_row({"id": 1, "R": [{"a": "x"}]}, fields, ignore_unknown=False)
    assert {"Id": 1, "r": []} == read_row({"Id": 1, "r": None, "z": 1}, fields, ignore_unknown=True)
    for row, column in (({"Id": 1, "z": 1}, "z"), ({}, "Id"), ({"Id": 1, "r": [None]}, "r"), ([], "all")):
        with pytest.raises(RowError) as caught:
            read_row(row, fields, ignore_unknown=False)
        assert column == caught.value.column
    with pytest.raises(RowError) as caught:
        read_row({"Id": 1, "r": [{"b": 1}]}, fields, ignore_unknown=False)
    assert "r.b" == caught.value.column
