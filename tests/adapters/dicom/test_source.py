"""Octets that come in pieces are read as if all were there."""

import pytest

from adapters.dicom.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding, Malformed
from adapters.dicom.source import Source

HEADERS = {
    "short": (EXPLICIT_LITTLE, b"\x10\0\x20\0LO\2\0", (0x00100020, b"LO", 2)),
    "long": (EXPLICIT_LITTLE, b"\x10\0\x20\0UT\0\0\2\0\0\0", (0x00100020, b"UT", 2)),
    "big": (EXPLICIT_BIG, b"\0\x10\0\x20LO\0\2", (0x00100020, b"LO", 2)),
    "implicit": (IMPLICIT_LITTLE, b"\x10\0\x20\0\2\0\0\0", (0x00100020, b"", 2)),
    "an item": (EXPLICIT_LITTLE, b"\xfe\xff\0\xe0\2\0\0\0", (0xFFFEE000, b"", 2)),
    "a representation to come": (EXPLICIT_LITTLE, b"\x10\0\x20\0ZZ\0\0\2\0\0\0", (0x00100020, b"ZZ", 2)),
    "a representation that nobody knows": (EXPLICIT_LITTLE, b"\x10\0\x20\0ZZ\2\0", (0x00100020, b"ZZ", 2)),
}


@pytest.mark.parametrize(("encoding", "octets", "expected"), HEADERS.values(), ids=HEADERS)
def test_header(encoding: Encoding, octets: bytes, expected: tuple[int, bytes, int]) -> None:
    """A header is read as soon as its last octet has come."""
    source = Source()
    reading = source.header(encoding)
    for at in range(len(octets) - 1):
        source.feed(octets[at : at + 1])
        next(reading)
    source.feed(octets[-1:])
    with pytest.raises(StopIteration) as done:
        next(reading)
    header = done.value.value
    assert (*expected, octets) == (header.tag, header.vr, header.length, header.raw)


def test_end() -> None:
    """An incomplete element is malformed; the end between elements is not."""
    source = Source()
    source.feed(b"A")
    source.is_ended = True
    with pytest.raises(Malformed):
        next(source.take(2))
    assert b"A" == source.rest()
    with pytest.raises(StopIteration) as done:
        next(source.has_more())
    assert done.value.value is False


def test_kept() -> None:
    """Octets that are read can be copied, up to a limit."""
    source = Source()
    source.feed(b"ABCDEF")
    kept = source.keep(3, "too much")
    with pytest.raises(StopIteration):
        next(source.take(3))
    assert b"ABC" == kept
    with pytest.raises(Malformed, match="too much"):
        next(source.take(1))
    source.keep_no_more()
    assert b"EF" == source.rest()
