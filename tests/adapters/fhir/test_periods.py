"""Periods, and ranges in one component."""

import pytest

from adapters.fhir.periods import date_range, period, validity
from adapters.fhir.report import Reason
from tests.adapters.fhir.making import context


def test_period_in_reverse() -> None:
    """An end before the start is left out and reported."""
    using = context()
    assert {"start": "2024-05-02"} == period("20240502", "20240501", using, "7")
    assert [Reason.OUT_OF_ORDER] == [each.reason for each in using.report]


RANGES = {
    "20240501&20240502": {"start": "2024-05-01", "end": "2024-05-02"},
    "&20240502": {"end": "2024-05-02"},
    "20240502&20240501": {"start": "2024-05-02"},
    "": None,
}


@pytest.mark.parametrize(("raw", "expected"), RANGES.items())
def test_validity(raw: str, expected: dict[str, str] | None) -> None:
    """The time for which a name or an address is valid may be one component."""
    assert expected == validity(raw, context(), "10")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("20240501^20240502", {"start": "2024-05-01", "end": "2024-05-02"}), ("20240501", None)],
)
def test_range(raw: str, expected: dict[str, str] | None) -> None:
    """A range without an end is a time, which another row has."""
    assert expected == date_range(raw, context())
