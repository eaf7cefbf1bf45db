"""Dates in a text are moved where they can be read in one way, and removed otherwise."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.pipeline.reports.text_dates import without_dates

DAYS = -14
MOVED = {
    "seen 2021-03-20.": "seen 2021-03-06.",
    "seen 2021-03-20T10:15": "seen 2021-03-06T10:15",
    "2021/3/20": "2021/3/06",
    "20210320 CT": "20210306 CT",
    "am 20.03.2021, 10:15 Uhr": "am 06.03.2021, 10:15 Uhr",
    "20. 3. 2021": "06. 3. 2021",
    "on 03/20/2021": "on 03/06/2021",
    "between 20.03.2021-25.03.2021": "between 06.03.2021-11.03.2021",
}
REMOVED = [
    "3.4.2021",
    "20.03.21",
    "20.03.'21",
    "20 March 2021",
    "20. März 2021",
    "20 Maerz 2021",
    "March 20th, 2021",
    "20 de agosto de 2021",
    "20 mrt 2021".replace("mrt", "maart"),
    "März 2021",
    "03/2021",
    "20. Dezember",
    "202103201015",
    "07.03.1954",
    "1954-03-07",
]
KEPT = [
    "3.2 x 4.5 cm",
    "L4/5 and C5/6",
    "1.2.840.10008.1",
    "lesions 2 and 3 may be benign",
    "since 2019",
    "35/40/2021",
    "blood pressure 120/80",
    "12345678",
    "10:15:30",
    "image 3/120",
    "T2 4000 ms",
    "5 seit 30 Tagen",
]


@pytest.mark.parametrize(("text", "expected"), MOVED.items())
def test_moved(text: str, expected: str) -> None:
    """It keeps its spelling."""
    assert expected == without_dates(text, "shift", DAYS, ["1954-03-07"])


@pytest.mark.parametrize("text", REMOVED)
def test_removed(text: str) -> None:
    """Others are removed, with what is around them left; a date of birth is never moved."""
    assert "x *** y" == without_dates(f"x {text} y", "shift", DAYS, ["1954-03-07"])


@pytest.mark.parametrize("text", KEPT)
def test_kept(text: str) -> None:
    """What is no date stays."""
    assert text == without_dates(text, "remove", DAYS, [])


def test_order() -> None:
    """A setting says how dates of a hospital are read."""
    assert "20.03.2021" == without_dates("03.04.2021", "shift", DAYS, [], "day_first")
    assert "02/18/2021" == without_dates("03/04/2021", "shift", DAYS, [], "month_first")


def test_year() -> None:
    """With the profile safe_harbor the year stays, but that of a birth."""
    told = "2021-03-20, 20.03.2021, 3.4.2021, 20 March 2021, 20.03.21, 7 March 1954, 1954-01-01"
    assert "2021, 2021, 2021, 2021, ***, ***, ***" == without_dates(told, "year", DAYS, ["1954-03-07"])


def test_overlapping() -> None:
    """Of two dates that share a part, nothing stays."""
    assert "x *** y" == without_dates("x 14 March 7, 1954 y", "shift", DAYS, [])


def test_removed_all() -> None:
    """Where dates are removed, all of them are."""
    assert "*** *** ***" == without_dates("2021-03-20 20.03.2021 20210320", "remove", DAYS, [])


@example(date(2000, 1, 1), "{:%m/%d/%Y}", "shift")
@given(
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.sampled_from(
        ["{:%Y-%m-%d}", "{:%Y%m%d}", "{:%d.%m.%Y}", "{:%m/%d/%Y}", "{:%d %B %Y}", "{:%B %d, %Y}", "{:%d-%b-%Y}"]
    ),
    st.sampled_from(["shift", "remove", "year"]),
)
def test_no_date_stays(day: date, form: str, treatment: str) -> None:
    """Whatever its spelling, the date itself is in the text no more; a moved one is the right one."""
    written = form.format(day)
    made = without_dates(f"on {written}: seen", treatment, DAYS, [])  # type: ignore[arg-type]
    assert written not in made
    new = day + timedelta(DAYS)
    one = {form.format(new), f"{day.year:04}"} if treatment == "year" else {form.format(new)}
    if form == "{:%m/%d/%Y}" and day.day == day.month:  # both orders are this day: either may be that of the moved one
        one.add(f"{new:%d/%m/%Y}")
    assert re.fullmatch("on (.*): seen", made)[1] in {*one, "***"}  # type: ignore[index]


@given(st.text(max_size=60), st.sampled_from(["shift", "remove", "year"]))
def test_any_text(text: str, treatment: str) -> None:
    """No text raises anything."""
    without_dates(text, treatment, DAYS, ["2021-03-20"])  # type: ignore[arg-type]
