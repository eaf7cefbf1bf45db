"""CAST and SAFE_CAST."""

from datetime import datetime

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "CAST(x AS INT64) FROM UNNEST(['-007']) AS x": -7,
    "CAST(x AS INT64) FROM UNNEST(['9223372036854775808']) AS x": FAILED,
    "SAFE_CAST(x AS INT64) FROM UNNEST(['9223372036854775808']) AS x": None,
    "SAFE_CAST(x AS INT64) FROM UNNEST(['']) AS x": None,
    "CAST(x AS BOOL) FROM UNNEST(['TRUE']) AS x": True,
    "SAFE_CAST(x AS BOOL) FROM UNNEST(['1']) AS x": None,
    "CAST(x AS DATE) FROM UNNEST(['2020-02-30']) AS x": FAILED,
    "CAST(x AS DATETIME) FROM UNNEST(['2020-01-02T03:04:05']) AS x": datetime(2020, 1, 2, 3, 4, 5),  # noqa: DTZ001
    "SAFE_CAST(x AS TIMESTAMP) FROM UNNEST(['2020-01-02 03:04:05 Europe/Berlin']) AS x": UNSURE,
    "CAST(TIMESTAMP '2020-01-01 00:00:00.5+00' AS STRING)": UNSURE,
    "CAST(DATETIME '2020-01-01 10:00:00' AS STRING)": "2020-01-01 10:00:00",
    "CAST(NUMERIC '2.5' AS INT64)": 3,
    "CAST(5 AS BOOL)": True,
    "CAST(JSON '1' AS INT64)": REFUSED,
    "CAST([1] AS ARRAY<STRING>)": REFUSED,
    "CAST(1 AS BIGNUMERIC)": REFUSED,
    "CAST(NULL AS DATE)": None,
    "CAST('a' AS BYTES) = b'a'": True,
    "CAST(x AS FLOAT64) FROM UNNEST(['nan']) AS x": UNSURE,
}


@pytest.mark.parametrize("expression", FOUND)
def test_cast(expression: str) -> None:
    """A value becomes another type, or does not."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)
