"""Time zones."""

from datetime import UTC, datetime

import pytest

from gateway.sandbox.bigquery.sql.functions.zones import from_zone
from tests.gateway.sandbox.bigquery.sql.asking import value
from tests.gateway.sandbox.bigquery.sql.hand_worked import REFUSED, UNSURE

FOUND = {
    "2020-03-29 01:59:59": datetime(2020, 3, 29, 0, 59, 59, tzinfo=UTC),
    "2020-03-29 02:00:00": UNSURE,
    "2020-03-29 03:00:00": datetime(2020, 3, 29, 1, tzinfo=UTC),
    "2020-10-25 01:59:59": datetime(2020, 10, 24, 23, 59, 59, tzinfo=UTC),
    "2020-10-25 02:00:00": UNSURE,
    "2020-10-25 02:59:59": UNSURE,
    "2020-10-25 03:00:00": datetime(2020, 10, 25, 2, tzinfo=UTC),
}


@pytest.mark.parametrize("moment", FOUND)
def test_clocks_that_are_changed(moment: str) -> None:
    """A local time that exists twice, or not at all, is refused; those beside it are right."""
    assert FOUND[moment] == value(f"TIMESTAMP(DATETIME '{moment}', 'Europe/Berlin')")


def test_names() -> None:
    """A time zone is a literal of the tz database; of UTC nothing needs to be checked."""
    assert "CASE" not in from_zone("x", "'UTC'")
    assert REFUSED == value("TIMESTAMP(DATETIME '2020-01-01', 'Nowhere')")
    assert REFUSED == value("TIMESTAMP(DATETIME '2020-01-01', z) FROM UNNEST(['UTC']) AS z")
