"""Timestamps of stores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.events.instants import MILLISECOND, SECOND, read_http_date, read_instant, written

READ = {
    "1970-01-01T00:00:00Z": 0,
    "1970-01-01T00:00:01.5Z": 1_500_000_000,
    "1970-01-01T00:00:00.000000001Z": 1,
    "1970-01-01T01:00:00+01:00": 0,
    "1969-12-31T19:00:00-05:00": 0,
    "2026-11-29T02:00:00.123456Z": 1_795_917_600 * SECOND + 123_456_000,
}
NONE = [
    "",
    "2026-11-29",
    "2026-13-01T00:00:00Z",
    "2026-11-29T02:00:00",
    "2026-11-29T02:00:00.1234567890Z",
    5,
    None,
    "x" * 99,
]


@pytest.mark.parametrize(("text", "instant"), READ.items())
def test_read(text: str, instant: int) -> None:
    """A timestamp in RFC 3339 is read exactly."""
    assert instant == read_instant(text)


@pytest.mark.parametrize("text", NONE)
def test_none(text: object) -> None:
    """Anything else is no timestamp."""
    assert read_instant(text) is None


@given(st.integers(0, 4 * 10**18))
def test_written(instant: int) -> None:
    """What is written is the same time, rounded down to milliseconds."""
    assert instant // MILLISECOND * MILLISECOND == read_instant(written(instant))


@given(st.text(max_size=40))
def test_never_raises(text: str) -> None:
    """Any text is read or not, without an error."""
    read_instant(text)


def test_http_date() -> None:
    """A Date header is read; what is none, is none."""
    assert 784111777 * SECOND == read_http_date("Sun, 06 Nov 1994 08:49:37 GMT")
    assert [None] * 3 == [read_http_date(text) for text in (None, "yesterday", "Sun, 99 Nov 1994 08:49:37 GMT")]
