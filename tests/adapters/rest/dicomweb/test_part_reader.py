"""The instance is extracted from a reply, however the reply is cut and wrapped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.dicomweb.multipart import Related
from adapters.rest.dicomweb.part_reader import PartReader, find_part

RELATED = Related("b0und", "application/dicom")
FILE = bytes(128) + b"DICM" + b"\r\n--b0" * 20


def read(reply: bytes, size: int) -> tuple[bytes, bool]:
    """Return the instance in *reply*, coming in pieces, and whether it ended."""
    taken = bytearray()
    reader = PartReader(taken.extend)
    for start in range(0, len(reply), size):
        reader.update(reply[start : start + size])
    ended = reader.finish()
    return bytes(taken), ended


START, END = RELATED.prefix, RELATED.suffix
HEADER = b"Content-Type: application/dicom"
LF = b"--b0und\n" + HEADER + b"\n\n"

LONGER = FILE + b"\r\n--b0under\r\n" + bytes(99)

REPLIES = {
    "alone": (FILE, FILE, True),
    "in a part": (START + FILE + END, FILE, True),
    "after an empty line": (b"\r\n" + START + FILE + END, FILE, True),
    "after a text": (b"This is a multipart message.\r\n" + START + FILE + END, FILE, True),
    "after a text of several lines": (b"a -- b\r\n\r\nc\r\n" + START + FILE + END, FILE, True),
    "without header fields": (b"--b0und\r\n\r\n" + FILE + END, FILE, True),
    "with many header fields": (
        b"--b0und\r\nX: y\r\n" + HEADER + b"\r\nY: z\r\n\r\n" + FILE + END,
        FILE,
        True,
    ),
    "with spaces behind the boundaries": (
        b"--b0und \t\r\n\r\n" + FILE + b"\r\n--b0und-- \t\r\n",
        FILE,
        True,
    ),
    "the end without a line end": (START + FILE + b"\r\n--b0und--", FILE, True),
    "the end with text behind it": (START + FILE + END + b"Good bye.", FILE, True),
    "the end without its two dashes": (START + FILE + b"\r\n--b0und", FILE, True),
    "with LF alone": (LF + FILE + b"\n--b0und--\n", FILE, True),
    "with LF alone, the file ends with CR": (LF + FILE + b"\r\n--b0und--\n", FILE + b"\r", True),
    "with LF alone, without header fields": (b"--b0und\n\n" + FILE + b"\n--b0und--\n", FILE, True),
    "the first of two parts": (START + FILE + RELATED.separator + b"x" + END, FILE, True),
    "a longer boundary in it": (START + LONGER + END, LONGER, True),
    "a boundary without a line before it": (START + FILE + b"--b0und--" + END, FILE + b"--b0und--", True),
    "a part without an end": (START + FILE, FILE, False),
    "half an end": (START + FILE + END[:6], FILE + END[:6], False),
    "short": (b"<html>", b"<html>", True),
    "a text with dashes": (b"--\r\n" * 100, b"--\r\n" * 100, True),
    "a head without an end": (b"--b0und\r\n" + b"X: y\r\n" * 4000, b"--b0und\r\n" + b"X: y\r\n" * 4000, True),
    "nothing": (b"", b"", True),
}


@pytest.mark.parametrize("size", [1, 5, 64, 10_000])
@pytest.mark.parametrize(("reply", "instance", "ended"), REPLIES.values(), ids=REPLIES)
def test_cut(reply: bytes, instance: bytes, ended: bool, size: int) -> None:
    """Only a line that is the boundary ends the part (RFC 2046 5.1.1)."""
    assert (instance, ended) == read(reply, size)


def test_behind_the_end() -> None:
    """The octets after the instance are counted, so that they can be limited."""
    reader = PartReader(lambda _: None)
    reader.update(START + FILE + END)
    before = reader.behind
    reader.update(b"x" * 10)
    assert before + 10 == reader.behind


@given(st.binary())
def test_find_part_never_raises(head: bytes) -> None:
    """Any octets have a start, or none yet."""
    found = find_part(head)
    assert found is None or 0 <= found[0] <= len(head)
