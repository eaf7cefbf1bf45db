"""Heads that tell a length in more than one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.http.reply_length import settle_length

START = b"HTTP/1.1 200 OK\r\n"
TWICE = b"Content-Length: 2\r\n"

HEADS = {
    "one length": (START + TWICE + b"\r\nok", START + TWICE + b"\r\nok"),
    "one length twice": (START + TWICE * 2 + b"\r\nok", START + TWICE + b"\r\nok"),
    "in a list": (START + b"content-length : 2 ,2\r\n\r\n", START + TWICE + b"\r\n"),
    "two lengths": (START + TWICE + b"Content-Length: 3\r\n\r\n", START + TWICE + b"Content-Length: 3\r\n\r\n"),
    "chunked": (START + TWICE + b"Transfer-Encoding: chunked\r\n\r\n", START + b"Transfer-Encoding: chunked\r\n\r\n"),
    "identity": (START + b"Transfer-Encoding: Identity\r\n" + TWICE + b"\r\n", START + TWICE + b"\r\n"),
    "after an interim one": (b"HTTP/1.1 100 Go\r\n\r\n" + START + TWICE * 2 + b"\r\n", START + TWICE + b"\r\n"),
    "a length in the body": (START + TWICE + b"\r\n" + TWICE, START + TWICE + b"\r\n" + TWICE),
    "a head in the body": (START + TWICE * 2 + b"\r\n" + START, START + TWICE + b"\r\n" + START),
    "after empty lines": (b"\r\n\r\n" + START + TWICE * 2 + b"\r\n", START + TWICE + b"\r\n"),
    "unfinished": (START + TWICE, None),
    "unfinished, after an interim one": (b"HTTP/1.1 100 Go\r\n\r\n" + START + TWICE, None),
}


@pytest.mark.parametrize(("octets", "expected"), HEADS.values(), ids=HEADS)
def test_settle_length(octets: bytes, expected: bytes | None) -> None:
    """Where there is one way to read the lengths, one is left; the body stays as it is."""
    assert expected == settle_length(octets)


@given(st.lists(st.sampled_from([START, TWICE, b"\r\n", b"\n", b"Transfer-Encoding: chunked\r\n", b"x"]), max_size=12))
def test_never_raises(octets: list[bytes]) -> None:
    """Any octets are read without an error."""
    settle_length(b"".join(octets))
