"""Literals of dates and times."""

import pytest

from gateway.sandbox.bigquery.sql.moments import READERS, zone_name
from gateway.sandbox.bigquery.sql.refusing import QueryRefused

GOOD = {
    ("DATE", "2020-2-9"): "DATE '2020-02-09'",
    ("TIME", "3:4:5.25"): "TIME '03:04:05.250000'",
    ("DATETIME", "2020-01-02T03:04:05"): "TIMESTAMP '2020-01-02 03:04:05'",
    ("DATETIME", "2020-01-02"): "TIMESTAMP '2020-01-02 00:00:00'",
    ("TIMESTAMP", "2020-01-02 03:04:05"): "TIMESTAMPTZ '2020-01-02 03:04:05+00'",
    ("TIMESTAMP", "2020-01-02 03:04:05+5:30"): "TIMESTAMPTZ '2020-01-01 21:34:05+00'",
    ("TIMESTAMP", "2020-01-02 03:04:05-08"): "TIMESTAMPTZ '2020-01-02 11:04:05+00'",
    ("TIMESTAMP", "2020-07-02 03:04:05 America/New_York"): "TIMESTAMPTZ '2020-07-02 07:04:05+00'",
}
BAD = [
    ("DATE", "2020-02-30"),
    ("DATE", "20200201"),
    ("DATE", "2020-01-01 "),
    ("TIME", "25:00:00"),
    ("DATETIME", "2020-01-01 10:00"),
    ("TIMESTAMP", "2020-01-01 00:00:00 Nowhere/Else"),
    ("TIMESTAMP", "2020-01-01 00:00:00+99"),
    ("TIMESTAMP", "2020-03-29 02:30:00 Europe/Berlin"),
    ("TIMESTAMP", "0001-01-01 00:00:00+10"),
]


@pytest.mark.parametrize(("kind", "literal"), GOOD)
def test_good(kind: str, literal: str) -> None:
    """A literal becomes one that means the same to DuckDB."""
    assert GOOD[kind, literal] == READERS[kind](literal)


@pytest.mark.parametrize(("kind", "literal"), BAD)
def test_bad(kind: str, literal: str) -> None:
    """What does not exist, or could mean two moments, is refused."""
    with pytest.raises(QueryRefused):
        READERS[kind](literal)


def test_zones() -> None:
    """A time zone is one of the tz database."""
    assert "Europe/Berlin" == zone_name("Europe/Berlin")
    with pytest.raises(QueryRefused):
        zone_name("localtime")
