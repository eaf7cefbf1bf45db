"""Dates as intervals."""

import pytest

from gateway.sandbox.fhir.search.moments import interval, micros_now, rfc3339_of

SPANS = {
    "2024": ("2024-01-01T00:00:00", "2025-01-01T00:00:00"),
    "2024-02": ("2024-02-01T00:00:00", "2024-03-01T00:00:00"),
    "2024-12": ("2024-12-01T00:00:00", "2025-01-01T00:00:00"),
    "2024-02-29": ("2024-02-29T00:00:00", "2024-03-01T00:00:00"),
    "2024-02-29T10:20Z": ("2024-02-29T10:20:00", "2024-02-29T10:21:00"),
    "2024-02-29T10:20:30+01:00": ("2024-02-29T09:20:30", "2024-02-29T09:20:31"),
    "2024-02-29T10:20:30-05:30": ("2024-02-29T15:50:30", "2024-02-29T15:50:31"),
}


@pytest.mark.parametrize(("text", "ends"), SPANS.items(), ids=SPANS)
def test_interval(text: str, ends: tuple[str, str]) -> None:
    """A date is as long as its last part."""
    span = interval(text)
    assert span is not None
    assert ends == tuple(rfc3339_of(each)[:19] for each in span)


def test_fraction() -> None:
    """A fraction of a second is as long as its last digit; digits beyond microseconds are left out."""
    for text, length in (("2024-01-01T00:00:00.5Z", 100_000), ("2024-01-01T00:00:00.123456789Z", 1)):
        span = interval(text)
        assert span is not None
        assert length == span[1] - span[0]


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2024-02-30", "2024-01-01T10", "0000", "9999-12-31x"])
def test_none(text: str) -> None:
    """What is not a date is none."""
    assert interval(text) is None


def test_last_year() -> None:
    """The last year has an end."""
    assert interval("9999") is not None
    assert interval("9999-12") is not None
    assert micros_now() > 0
