"""Elements are written as their transfer syntax says."""

import pytest

from adapters.dicom.encoding import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Encoding,
    Header,
    Malformed,
    encoding_of,
)

SYNTAXES = {
    "1.2.840.10008.1.2": IMPLICIT_LITTLE,
    "1.2.840.113619.5.2": IMPLICIT_LITTLE,
    "1.2.840.10008.1.2.1": EXPLICIT_LITTLE,
    "1.2.840.10008.1.2.2": EXPLICIT_BIG,
    "1.2.840.10008.1.2.1.99": EXPLICIT_LITTLE,
    "1.2.840.10008.1.2.4.50": EXPLICIT_LITTLE,
}
ELEMENTS = {
    "implicit": (IMPLICIT_LITTLE, b"LO", b"\x10\0\x20\0\2\0\0\0ID"),
    "explicit": (EXPLICIT_LITTLE, b"LO", b"\x10\0\x20\0LO\2\0ID"),
    "long": (EXPLICIT_LITTLE, b"UC", b"\x10\0\x20\0UC\0\0\2\0\0\0ID"),
    "big": (EXPLICIT_BIG, b"LO", b"\0\x10\0\x20LO\0\2ID"),
    "big and long": (EXPLICIT_BIG, b"UC", b"\0\x10\0\x20UC\0\0\0\0\0\2ID"),
}


@pytest.mark.parametrize(("syntax", "encoding"), SYNTAXES.items(), ids=SYNTAXES)
def test_encoding(syntax: str, encoding: Encoding) -> None:
    """The transfer syntax decides; compressed instances are explicit."""
    assert encoding == encoding_of(syntax)


@pytest.mark.parametrize(("encoding", "vr", "octets"), ELEMENTS.values(), ids=ELEMENTS)
def test_element(encoding: Encoding, vr: bytes, octets: bytes) -> None:
    """An element has the form of its encoding and representation."""
    assert octets == encoding.element(0x00100020, vr, b"ID")


def test_too_long_for_its_representation() -> None:
    """A value too long for a 16-bit length is refused."""
    with pytest.raises(Malformed, match="65,534"):
        EXPLICIT_LITTLE.element(0x00100020, b"LO", bytes(65_536))


def test_another_length() -> None:
    """A sequence or item can be given another length."""
    header = Header(0x00400275, b"SQ", 8, b"\0\x40\2\x75SQ\0\0\0\0\0\x08")
    assert b"\0\x40\2\x75SQ\0\0\0\0\0\x0a" == EXPLICIT_BIG.resized(header, 10).raw
