"""Messages from files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mllp.framing import frame
from adapters.mllp.sending.files import messages_in

A = b"MSH|^~\\&|A\rPID|1\r"
B = b"MSH|^~\\&|B\rPID|2\r"

LINE = b"MSH|^~\\&|A|||||2024|ADT^A01\rPID|1"

FILES = {
    "one message": (A, [A]),
    "several": (A + B, [A, B]),
    "line feeds": ((A + B).replace(b"\r", b"\n"), [A, B]),
    "CRLF": (A.replace(b"\r", b"\r\n"), [A]),
    "byte-order mark": (b"\xef\xbb\xbf" + A, [A]),
    "blank lines": (b"\r\n" + A, [A]),
    "batch": (b"FHS|^~\\&|\rBHS|^~\\&|\r" + A + B + b"BTS|2\rFTS|1\r", [A, B]),
    "framed": (frame(A) + frame(B), [A, B]),
    "framed, line ends between": (frame(A) + b"\r\n" + frame(B), [A, B]),
    "framed, left as it is": (b"\r\n" + frame(A.replace(b"\r", b"\n")), [A.replace(b"\r", b"\n")]),
    "a start without an end": (b"\x0b" + A, [A]),
    "an end without a start": (A + b"\x1c\r", [A]),
    "an end without its CR": (frame(A)[:-1], [A]),
    "an end without its CR behind another block": (frame(A) + frame(B)[:-1], [A, B]),
    "the start of what came next": (A + b"\x0b\r\n", [A]),
    "ends without starts": (A + b"\x1c\r" + B + b"\x1c\r", [A, B]),
    "a lost end": (b"\x0b" + A + frame(B), [A, B]),
    "one message a line": (LINE + b"\n\n" + LINE + b"\n", [LINE + b"\r"] * 2),
    "no message": (b"hello", []),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("data", "expected"), FILES.values(), ids=FILES)
def test_messages_in(data: bytes, expected: list[bytes]) -> None:
    """Messages are read one by one, whatever the layout of the file."""
    assert expected == messages_in(data)


@given(st.binary())
def test_never_raises(data: bytes) -> None:
    """A file that holds something else holds no message."""
    assert isinstance(messages_in(data), list)
