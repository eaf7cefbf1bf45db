"""Functions of dates and times."""

from datetime import UTC, date, datetime

import pytest

from gateway.sandbox.bigquery.sql.functions.dates import week_start
from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import FAILED, REFUSED, UNSURE

FOUND = {
    "DATE_TRUNC(DATE '2020-05-17', WEEK)": date(2020, 5, 17),
    "DATE_TRUNC(DATE '2020-05-16', WEEK)": date(2020, 5, 10),
    "DATE_TRUNC(DATE '2020-05-17', WEEK(MONDAY))": date(2020, 5, 11),
    "DATE_TRUNC(DATE '2020-05-17', YEAR)": date(2020, 1, 1),
    "DATE_TRUNC(DATE '2020-05-17', HOUR)": REFUSED,
    "DATE_TRUNC(DATE '2020-05-17', DECADE)": REFUSED,
    "DATETIME_TRUNC(DATETIME '2020-05-17 10:30:00', HOUR)": datetime(2020, 5, 17, 10),  # noqa: DTZ001
    "TIMESTAMP_TRUNC(TIMESTAMP '2020-10-25 10:00:00+00', DAY, 'Europe/Berlin')": datetime(2020, 10, 24, 22, tzinfo=UTC),
    "TIMESTAMP_TRUNC(TIMESTAMP '2020-10-25 00:30:00+00', HOUR, 'Europe/Berlin')": UNSURE,
    "TIMESTAMP_TRUNC(TIMESTAMP '2020-10-25 00:30:00+00', HOUR, 'CEST')": REFUSED,
    "DATE_ADD(DATE '2020-02-29', INTERVAL 1 YEAR)": date(2021, 2, 28),
    "DATE_ADD(DATE '2020-02-29', INTERVAL -1 WEEK)": date(2020, 2, 22),
    "DATE_ADD(DATE '2020-02-29', INTERVAL 1 HOUR)": REFUSED,
    "DATETIME_SUB(DATETIME '2020-03-01 00:00:00', INTERVAL 1 SECOND)": datetime(2020, 2, 29, 23, 59, 59),  # noqa: DTZ001
    "DATE_DIFF(DATE '2020-01-04', DATE '2020-01-05', WEEK)": -1,
    "DATE_DIFF(DATE '1969-12-28', DATE '1969-12-27', WEEK)": 1,
    "DATE_DIFF(DATE '2020-12-31', DATE '2020-01-01', YEAR)": 0,
    "DATE_DIFF(DATE '2020-12-31', '2020-12-30', DAY)": 1,
    "TIMESTAMP_DIFF(TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-02', MONTH)": REFUSED,
    "DATETIME_DIFF(DATETIME '2020-01-01 01:00:00', DATETIME '2020-01-01 00:59:59', HOUR)": 1,
    "EXTRACT(DATE FROM TIMESTAMP '2020-01-01 23:30:00+00' AT TIME ZONE 'Europe/Berlin')": date(2020, 1, 2),
    "EXTRACT(WEEK(MONDAY) FROM DATE '2020-01-06')": 1,
    "EXTRACT(QUARTER FROM DATE '2020-04-01')": 2,
    "EXTRACT(DAYOFYEAR FROM DATE '2020-12-31')": 366,
    "EXTRACT(HOUR FROM DATE '2020-12-31')": REFUSED,
    "EXTRACT(MICROSECOND FROM DATETIME '2020-01-01 00:00:01.000250')": 250,
    "DATE(2021, 2, 29)": FAILED,
    "DATE(TIMESTAMP '2020-01-01 23:30:00+00')": date(2020, 1, 1),
    "DATE('2020-01-01')": date(2020, 1, 1),
    "UNIX_DATE(DATE '1970-01-03')": 2,
    "DATE_FROM_UNIX_DATE(-1)": date(1969, 12, 31),
    "UNIX_MILLIS(TIMESTAMP '1969-12-31 23:59:59.999500+00')": -1,
    "TIMESTAMP_MILLIS(1500)": datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC),
    "ARRAY_LENGTH(GENERATE_DATE_ARRAY(DATE '2020-01-01', DATE '2020-01-31', INTERVAL 1 WEEK))": 5,
    "GENERATE_DATE_ARRAY(DATE '2020-01-01', DATE '2020-03-31', INTERVAL 1 MONTH)": REFUSED,
    "DATE_ADD(NULL, INTERVAL 1 DAY)": None,
}


@pytest.mark.parametrize("expression", FOUND)
def test_functions(expression: str) -> None:
    """The value is right, or the query ends as it should."""
    found = value(expression)
    assert (type(FOUND[expression]), FOUND[expression]) == (type(found), found)


def test_weeks() -> None:
    """A week begins on Sunday, unless another day is named."""
    assert [0, 1, 3, None, None] == [
        week_start(each) for each in ("WEEK", "ISOWEEK", "WEEK(WEDNESDAY)", "DAY", "WEEK(X)")
    ]
