"""Where the data set begins, and its transfer syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.file_meta import MAX_FILE_META, FileMeta, data_set_offset

SYNTAX = b"\x02\x00\x10\x00UI\x12\x001.2.840.10008.1.2\0"
VERSION = b"\x02\x00\x01\x00OB\0\0\x02\0\0\0\0\x01"


def file(meta: bytes, data_set: bytes = b"data set") -> bytes:
    """Return a Part 10 file."""
    return bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00" + len(meta).to_bytes(4, "little") + meta + data_set


METAS = {
    "the syntax alone": (SYNTAX, "1.2.840.10008.1.2"),
    "after a long element": (VERSION + SYNTAX, "1.2.840.10008.1.2"),
    "before another": (SYNTAX + VERSION, "1.2.840.10008.1.2"),
    "none": (VERSION, ""),
    "nothing": (b"", ""),
    "noise": (b"the store's own header", ""),
    "cut": (SYNTAX[:4], ""),
}


@pytest.mark.parametrize("size", [1, 10, 1000])
@pytest.mark.parametrize(("meta", "syntax"), METAS.values(), ids=METAS)
def test_strip(meta: bytes, syntax: str, size: int) -> None:
    """What follows the group is the data set, however the file is cut."""
    whole, reader, data_set = file(meta), FileMeta(), b""
    for start in range(0, len(whole), size):
        piece = whole[start : start + size]
        data_set += piece if reader.passed else reader.strip(piece)
    assert (b"data set", syntax) == (data_set, reader.transfer_syntax)


@pytest.mark.parametrize("whole", [b"", b"short", bytes(200), file(SYNTAX)[:150]], ids=len)
def test_no_file_meta_information(whole: bytes) -> None:
    """What has none, or ends in it, counts as a data set."""
    reader = FileMeta()
    stripped = reader.strip(whole)
    assert whole == (stripped if reader.passed else reader.rest())
    assert "" == reader.transfer_syntax


def test_length_that_cannot_be_believed() -> None:
    """Only so much is kept while the end of the group is awaited."""
    length = (MAX_FILE_META).to_bytes(4, "little")
    assert 0 == data_set_offset(file(b"")[:140] + length)


@given(st.binary())
def test_never_raises(meta: bytes) -> None:
    """Any octets may stand in the group."""
    assert b"data set" == FileMeta().strip(file(meta))
