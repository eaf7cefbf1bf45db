"""Where the data set begins, and its transfer syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rest.dicomweb.file_meta import MAX_FILE_META, FileMeta

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
    data_set += b"" if reader.passed else reader.rest()
    assert (b"data set", syntax) == (data_set, reader.transfer_syntax)


DATA_SET = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100" + b"\x08\x00\x60\x00CS\x02\x00CT"
BIG = b"\x00\x08\x00\x05CS\x00\x0aISO_IR 100"
AS_IMPLICIT = b"\x08\x00\x05\x00\x0a\x00\x00\x00ISO_IR 100"
META = b"\x02\x00\x00\x00UL\x04\x00\x1a\x00\x00\x00" + SYNTAX
NO_VR = b"\x02\x00\x10\x00\x12\x00\x00\x001.2.840.10008.1.2\0"
PREAMBLE = bytes(128) + b"DICM"


def stating(length: int) -> bytes:
    """Return the group with this group length."""
    return META[:8] + length.to_bytes(4, "little") + META[12:]


IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
FILES = {
    "as it should be": (PREAMBLE + META, DATA_SET, IMPLICIT),
    "no group length": (PREAMBLE + SYNTAX, DATA_SET, IMPLICIT),
    "no group length, a long element": (PREAMBLE + VERSION + SYNTAX, DATA_SET, IMPLICIT),
    "no preamble": (b"DICM" + META, DATA_SET, IMPLICIT),
    "no preamble, no prefix": (META, DATA_SET, IMPLICIT),
    "no preamble, no prefix, no group length": (SYNTAX, DATA_SET, IMPLICIT),
    "no representations": (PREAMBLE + NO_VR, DATA_SET, IMPLICIT),
    "another preamble": (b"II*\0" + bytes(124) + b"DICM" + META, DATA_SET, IMPLICIT),
    "a group length that is too small": (PREAMBLE + stating(4), DATA_SET, IMPLICIT),
    "a group length of zero": (PREAMBLE + stating(0), DATA_SET, IMPLICIT),
    "a group length that is too large": (PREAMBLE + stating(30), DATA_SET, IMPLICIT),
    "an absurd group length": (PREAMBLE + stating(0xFFFFFFFF), DATA_SET, IMPLICIT),
    "in big endian": (PREAMBLE + SYNTAX, BIG, IMPLICIT),
    "deflated, no group length": (PREAMBLE + SYNTAX, b"\x4b\x4c\x4a\x06\x00", IMPLICIT),
    "no transfer syntax": (PREAMBLE + VERSION, DATA_SET, ""),
    "nothing but the data set": (b"", DATA_SET, EXPLICIT),
    "nothing but the data set, implicit": (b"", AS_IMPLICIT, IMPLICIT),
    "nothing but the data set, big endian": (b"", BIG, BIG_ENDIAN),
    "nothing but a long data set": (b"", DATA_SET * 10, EXPLICIT),
    "a preamble and the data set": (PREAMBLE, DATA_SET, ""),
}


@pytest.mark.parametrize("size", [1, 10, 1000])
@pytest.mark.parametrize(("front", "data_set", "syntax"), FILES.values(), ids=FILES)
def test_front(front: bytes, data_set: bytes, syntax: str, size: int) -> None:
    """The data set is found whatever a store leaves out before it."""
    reader, whole, found = FileMeta(), front + data_set, b""
    for start in range(0, len(whole), size):
        piece = whole[start : start + size]
        found += piece if reader.passed else reader.strip(piece)
    found += b"" if reader.passed else reader.rest()
    assert (data_set, syntax, True) == (found, reader.transfer_syntax, reader.is_instance)


NO_FILES = [b"", b"short", bytes(200), b"<html>" * 100, b"\x08\x00", b"\x08\x00\x05\x00\xff\xff\xff\xff", b"DICM"]


@pytest.mark.parametrize("whole", NO_FILES, ids=len)
def test_no_file(whole: bytes) -> None:
    """Octets that are neither a file nor a data set are no instance."""
    reader = FileMeta()
    stripped = reader.strip(whole)
    stripped += b"" if reader.passed else reader.rest()
    assert whole.removeprefix(b"DICM") == stripped.removeprefix(b"DICM")
    assert ("", False) == (reader.transfer_syntax, reader.is_instance)


def test_element_that_does_not_end() -> None:
    """The octets kept until the end of the group comes are limited."""
    reader = FileMeta()
    endless = PREAMBLE + b"\x02\x00\x02\x01OB\0\0\xff\xff\xff\x7f" + bytes(MAX_FILE_META)
    assert endless == reader.strip(endless)
    assert reader.passed


@given(st.binary())
def test_never_raises(meta: bytes) -> None:
    """Any octets may stand in the group: its length says where it ends, or the group itself does."""
    reader = FileMeta()
    data_set = reader.strip(file(meta))
    assert (data_set + (b"" if reader.passed else reader.rest())).endswith(b"data set")
