"""FORMAT_ and PARSE_ functions."""

from datetime import UTC, date, datetime

import pytest

from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "FORMAT_DATE('%F', DATE '2020-02-09')": "2020-02-09",
    "FORMAT_DATE('%A %B %d%%', DATE '2020-02-09')": "Sunday February 09%",
    "FORMAT_DATE('%H', DATE '2020-02-09')": REFUSED,
    "FORMAT_DATE('%Y', DATE '0099-01-01')": UNSURE,
    "FORMAT_DATE('%Q', DATE '2020-02-09')": REFUSED,
    "FORMAT_DATETIME('%Y%m%d%H%M%S', DATETIME '2020-02-09 03:04:05')": "20200209030405",
    "FORMAT_TIMESTAMP('%R', TIMESTAMP '2020-07-01 22:30:00+00', 'Europe/Berlin')": "00:30",
    "PARSE_DATE('%Y-%m-%d', '2020-02-09')": date(2020, 2, 9),
    "PARSE_DATE('%Y-%m-%d', '2020-2-9')": UNSURE,
    "PARSE_DATE('%Y-%m-%d', '2020-02-31')": FAILED,
    "SAFE.PARSE_DATE('%Y-%m-%d', NULL)": None,
    "SAFE.PARSE_DATE('%Y-%m-%d', '')": None,
    "PARSE_DATE('%y%m%d', '200209')": REFUSED,
    "PARSE_DATE('%Y', '2020')": REFUSED,
    "PARSE_TIMESTAMP('%Y%m%d%H%M%S', '20200209030405')": datetime(2020, 2, 9, 3, 4, 5, tzinfo=UTC),
    "PARSE_DATETIME('%F %T', '2020-02-09 03:04:05')": datetime(2020, 2, 9, 3, 4, 5),  # noqa: DTZ001
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)
