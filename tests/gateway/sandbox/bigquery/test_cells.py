"""Rows of a result as JSON."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from gateway.sandbox.bigquery.cells import encode, encode_row
from gateway.sandbox.bigquery.sql.types import INT64, STRING, Type, array
from gateway.sandbox.reasoned_error import ReasonedError

MOMENT = datetime(2020, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
CELLS: list[tuple[Any, str, Any]] = [
    (5, "INT64", "5"),
    (1.5, "FLOAT64", "1.5"),
    (float("nan"), "FLOAT64", "NaN"),
    (float("-inf"), "FLOAT64", "-Infinity"),
    (True, "BOOL", "true"),
    (b"ab", "BYTES", "YWI="),
    (date(2020, 1, 2), "DATE", "2020-01-02"),
    (time(3, 4, 5), "TIME", "03:04:05"),
    (datetime(2020, 1, 2, 3, 4, 5), "DATETIME", "2020-01-02T03:04:05"),  # noqa: DTZ001
    (Decimal("1.500000000"), "NUMERIC", "1.5"),
    (Decimal(100), "NUMERIC", "100"),
    ('{"a": 1}', "JSON", '{"a":1}'),
    (None, "STRING", None),
    (MOMENT, "TIMESTAMP", "1577836800500000"),
]


@pytest.mark.parametrize(("value", "kind", "expected"), CELLS)
def test_scalars(value: Any, kind: str, expected: Any) -> None:
    """Every scalar is a text."""
    assert expected == encode(value, Type(kind), whole_timestamps=True)


def test_seconds() -> None:
    """Without the option a TIMESTAMP is a number of seconds."""
    assert "1577836800.5" == encode(MOMENT, Type("TIMESTAMP"), whole_timestamps=False)
    assert "0.0" == encode(datetime(1970, 1, 1, tzinfo=UTC), Type("TIMESTAMP"), whole_timestamps=False)
    assert -0.5 == float(
        encode(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC), Type("TIMESTAMP"), whole_timestamps=False)
    )


def test_nested() -> None:
    """Arrays and STRUCTs nest; no array has a NULL, and NULL as an array is an empty one."""
    record = Type("STRUCT", (("a", INT64), ("b", array(STRING))))
    row = encode_row([{"a": 1, "b": ["x"]}, None], [record, array(INT64)], whole_timestamps=True)
    assert {"f": [{"v": {"f": [{"v": "1"}, {"v": [{"v": "x"}]}]}}, {"v": []}]} == row
    with pytest.raises(ReasonedError, match="null element"):
        encode([1, None], array(INT64), whole_timestamps=True)


def test_out_of_range() -> None:
    """DuckDB has years that BigQuery does not have."""
    for kind in ("DATE", "TIMESTAMP"):
        with pytest.raises(ReasonedError, match="out of range"):
            encode("10000-01-01", Type(kind), whole_timestamps=True)
