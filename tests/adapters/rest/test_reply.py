"""Reading the parts of a reply that are not about any one protocol."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.reply import parse_retry_after, read_json

NOW = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)

RETRY_AFTER = {
    "absent": (None, None),
    "seconds": ("120", 120.0),
    "a date": ("Wed, 01 May 2024 12:00:30 GMT", 30.0),
    "a date without a zone": ("Wed, 01 May 2024 12:00:30 -0000", 30.0),
    "a date in the past": ("Wed, 01 May 2024 11:00:00 GMT", 0.0),
    "negative": ("-5", None),
    "a fraction": ("1.5", None),
    "words": ("soon", None),
    "a date that does not exist": ("Wed, 99 May 2024 12:00:30 GMT", None),
    "as long as may be": ("300", 300.0),
    "longer": ("301", 300.0),
    "a year": ("31536000", 300.0),
    "a date in a year": ("Thu, 01 May 2025 12:00:30 GMT", 300.0),
    "far too many digits": ("9" * 400, 300.0),
}


@pytest.mark.parametrize(("value", "expected"), RETRY_AFTER.values(), ids=RETRY_AFTER)
def test_retry_after(value: str | None, expected: float | None) -> None:
    """Both forms of Retry-After become seconds from now; anything else is no wish, and none is longer than 300 here."""
    assert expected == parse_retry_after(value, NOW, 300)


@given(st.text())
def test_retry_after_never_raises(value: str) -> None:
    """Whatever the header holds, the result is a number of seconds within bounds or None."""
    seconds = parse_retry_after(value, NOW, 300)
    assert seconds is None or 0 <= seconds <= 300


JSON = {
    "an object": (b'{"a": 1}', {"a": 1}),
    "nothing": (b"", None),
    "half of it": (b'{"a":', None),
    "not text": (b"\xff\xfe\xfd", None),
    "too deep": (b"[" * 100_000, None),
    "a number with too many digits": (b"9" * 5000, None),
}


@pytest.mark.parametrize(("body", "expected"), JSON.values(), ids=JSON)
def test_read_json(body: bytes, expected: object) -> None:
    """Whatever is not JSON is None."""
    assert expected == read_json(body)
