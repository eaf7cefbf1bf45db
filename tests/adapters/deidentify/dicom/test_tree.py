"""The tree of a header is written as its octets, and shown without values."""

import pytest

from adapters.deidentify.dicom.tree import Element, written
from adapters.dicom.encoding import Malformed


def test_too_long_to_write() -> None:
    """A value that is longer than its length can say is no element."""
    with pytest.raises(Malformed):
        written([Element(0x00080104, b"LO", b"a" * 0xFFFF)], is_implicit=False)
    assert len(written([Element(0x00080104, b"LO", b"a" * 0xFFFF)], is_implicit=True)) == 8 + 0x10000


@pytest.mark.parametrize(("vr", "padded"), [(b"UI", b"1\0"), (b"OB", b"1\0"), (b"UN", b"1\0"), (b"LO", b"1 ")])
def test_even(vr: bytes, padded: bytes) -> None:
    """Values have an even length (PS3.5 7.1.1)."""
    assert written([Element(0x00080104, vr, b"1")], is_implicit=True)[8:] == padded


def test_shown_without_a_value() -> None:
    """What a debugger or a traceback shows has no value in it."""
    assert repr(Element(0x00100010, b"PN", b"Musterfrau")) == "Element(00100010, PN)"
