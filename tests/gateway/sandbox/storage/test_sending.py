"""Ranges and headers."""

from pathlib import Path

import pytest

from gateway.sandbox.reasoned_error import ReasonedError
from gateway.sandbox.storage.files import File
from gateway.sandbox.storage.records import Record
from gateway.sandbox.storage.sending import Span, headers_of, span_of
from gateway.sandbox.storage.store import Stored

SPANS = {
    "": Span(0, 10, is_part=False),
    "bytes=0-0": Span(0, 1, is_part=True),
    "bytes=2-5": Span(2, 4, is_part=True),
    "bytes=2-99": Span(2, 8, is_part=True),
    "bytes=9-": Span(9, 1, is_part=True),
    "bytes=-3": Span(7, 3, is_part=True),
    "bytes=-99": Span(0, 10, is_part=True),
    "bytes=5-2": Span(0, 10, is_part=False),
    "bytes=0-1,3-4": Span(0, 10, is_part=False),
    "bytes=-": Span(0, 10, is_part=False),
    "lines=1-2": Span(0, 10, is_part=False),
}


@pytest.mark.parametrize("header", SPANS)
def test_spans(header: str) -> None:
    """RFC 9110 14.1.2: the first and last octet, or how many at the end."""
    assert SPANS[header] == span_of(header, 10)


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_beyond_the_end(header: str) -> None:
    """A range that begins behind the end is a 416."""
    with pytest.raises(ReasonedError) as caught:
        span_of(header, 10)
    assert 416 == caught.value.status


def test_an_empty_object() -> None:
    """An empty object has no octet that a range could name."""
    assert Span(0, 0, is_part=False) == span_of("", 0)
    with pytest.raises(ReasonedError):
        span_of("bytes=0-", 0)


def test_headers() -> None:
    """Metadata have the prefix of the API; a name that is no token is left out of the headers."""
    record = Record(1, 5, {"cacheControl": "no-store"}, {"k": "v", "a b": "x"}, "m", "c")
    told = headers_of(Stored("north", File("a", Path("x"), 5, 1), record), prefix="x-amz-")
    assert ("v", "no-store", "crc32c=c,md5=m") == (told["x-amz-meta-k"], told["Cache-Control"], told["x-goog-hash"])
    assert not any(" " in name for name in told)
