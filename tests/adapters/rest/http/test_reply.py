"""Reading the parts of a reply that are not about any one protocol."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.http.reply import MOST_NODES, MOST_OCTETS, parse_retry_after, read_json

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
    """Both forms of Retry-After become seconds from now, at most 300 here; anything else is None."""
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


BOMBS = {
    "a long text": b'"' + b"x" * MOST_OCTETS + b'"',
    "empty objects": b"[" + b"{}," * MOST_NODES + b"{}]",
    "numbers": b"[" + b"0," * MOST_NODES + b"0]",
    "names": b"{" + b",".join(b'"%d":1' % number for number in range(MOST_NODES + 1)) + b"}",
    "arrays in arrays": b"[" * 500_000 + b"]" * 500_000,
    "objects in UTF-16": ("[" + "{}," * MOST_NODES + "{}]").encode("utf-16"),
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS)
def test_bombs(body: bytes) -> None:
    """A reply that is long, or of many values, is not read: each value takes far more memory than octets."""
    assert read_json(body) is None


def test_large_reply_that_may_be() -> None:
    """Where the message comes back with its acknowledgement, the length alone says nothing."""
    body = b'{"data":"' + b"x" * (2 * MOST_OCTETS) + b'"}'
    assert read_json(body) is None
    assert isinstance(read_json(body, len(body)), dict)
