"""The instance is cut out of a reply, however that is cut and wrapped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.multipart import Related
from adapters.rest.part_reader import PartReader, part_start

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


REPLIES = {
    "alone": (FILE, FILE, True),
    "in a part": (RELATED.prefix + FILE + RELATED.suffix, FILE, True),
    "after an empty line": (b"\r\n" + RELATED.prefix + FILE + RELATED.suffix, FILE, True),
    "the first of two parts": (RELATED.prefix + FILE + RELATED.separator + b"x" + RELATED.suffix, FILE, True),
    "short": (b"<html>", b"<html>", True),
    "nothing": (b"", b"", True),
}


@pytest.mark.parametrize("size", [1, 5, 64, 10_000])
@pytest.mark.parametrize(("reply", "instance", "ended"), REPLIES.values(), ids=REPLIES)
def test_cut(reply: bytes, instance: bytes, ended: bool, size: int) -> None:
    """Only a line that begins with the boundary ends the part."""
    assert (instance, ended) == read(reply, size)


def test_part_without_an_end() -> None:
    """A part that is not ended by the boundary is not whole."""
    assert not read(RELATED.prefix + FILE, 64)[1]


@given(st.binary())
def test_part_start_never_raises(head: bytes) -> None:
    """Any octets have a start, or none yet."""
    assert part_start(head) in {None, 0, head.find(b"\r\n\r\n") + 4}
