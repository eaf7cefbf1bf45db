"""A date is read where it can be read in one way only."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pipeline.reports.dates import TWO_WAYS, UNKNOWN, DateError, Order, read_date

READ = {
    "2021-03-04": "2021-03-04",
    "2021-3-4": "2021-03-04",
    "2021/03/04": "2021-03-04",
    "2021.03.04": "2021-03-04",
    "20210304": "2021-03-04",
    " 20210304\0": "2021-03-04",
    "202103041530": "2021-03-04T15:30:00",
    "20210304153000.123+0100": "2021-03-04T15:30:00+01:00",
    "2021-03-04T15:30:12Z": "2021-03-04T15:30:12+00:00",
    "2021-03-04 15:30": "2021-03-04T15:30:00",
    "13.03.2021": "2021-03-13",
    "03/13/2021": "2021-03-13",
    "03/13/2021 3:05 PM": "2021-03-13T15:05:00",
    "03/13/2021 12:05:09 a.m.": "2021-03-13T00:05:09",
    "03.03.2021": "2021-03-03",
    "4 March 2021": "2021-03-04",
    "4. März 2021": "2021-03-04",
    "04-MAR-2021": "2021-03-04",
    "04MAR2021": "2021-03-04",
    "March 4th, 2021": "2021-03-04",
    "4 août 2021": "2021-08-04",
}


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_read(text: str, expected: str) -> None:
    """Forms that have one reading."""
    assert expected == read_date(text)


def test_none() -> None:
    """An empty field is no mistake."""
    assert read_date(" ") is None


def test_order() -> None:
    """Where two readings are possible, the setting says which; a date that contradicts it is not turned round."""
    assert read_date("03.04.2021", "day_first") == "2021-04-03"
    assert read_date("03/04/2021", "month_first") == "2021-03-04"
    with pytest.raises(DateError, match=TWO_WAYS):
        read_date("03/04/2021")
    with pytest.raises(DateError, match=UNKNOWN):
        read_date("03/13/2021", "day_first")


@pytest.mark.parametrize(
    "text",
    ["x", "2021", "2021-13-01", "20210230", "3.4.21", "31.02.2021", "13.13.2021", "4 Murch 2021", "2021-03-04T25:00",
     "03/13/2021 13:00 PM", "2021-03/04", "1234567890123456789", "4 iii 2021", "00.00.0000", "٣٣.03.2021"],
)  # fmt: skip
def test_not_read(text: str) -> None:
    """Anything else is not read, and the reason does not quote it."""
    with pytest.raises(DateError, match=UNKNOWN) as raised:
        read_date(text)
    assert text not in str(raised.value).split()


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"]))
def test_years_first(day: object, form: str) -> None:
    """What begins with the year is read as it was written."""
    text = f"{day:%Y-%m-%d}".zfill(10)
    written = text if form == "%Y-%m-%d" else text.replace("-", "" if form == "%Y%m%d" else "/")
    assert text == read_date(written)


@given(st.text(max_size=20), st.sampled_from([None, "day_first", "month_first"]))
def test_any_text(text: str, order: Order) -> None:
    """No text raises anything else."""
    with suppress(DateError):
        read_date(text, order)
