"""A header is read from octets that come in pieces, up to the pixel data."""

from struct import pack

import pytest

from adapters.deidentify.dicom.tree import written
from adapters.deidentify.dicom.tree_reader import TreeReader
from adapters.dicom.encoding import Malformed
from tests.adapters.deidentify.dicom.made import element, header, image

CODE = element(0x00080100, b"SH", b"CODE")


@pytest.mark.parametrize("is_implicit", [False, True])
def test_pixels(*, is_implicit: bool) -> None:
    """The header ends before the value of the pixel data, whatever follows."""
    mark = pack("<HHL", 0x7FE0, 0x0010, 6) if is_implicit else pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 6)
    octets = written(header(*image()), is_implicit=is_implicit) + mark + b"pixels and more"
    reader = TreeReader(is_implicit=is_implicit, most=2**20)
    assert reader.feed(octets)
    assert reader.pixels == (0x7FE00010, b"OW" if is_implicit else b"OB", 6)
    assert bytes(reader.rest) == b"pixels and more"


def test_pixels_in_pieces() -> None:
    """A mark of the pixel data that is not complete is waited for."""
    reader = TreeReader(is_implicit=False, most=2**20)
    mark = pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, 6)
    assert [reader.feed(mark[at : at + 1]) for at in range(len(mark))] == [False] * 11 + [True]


def test_padding_behind_the_end() -> None:
    """NULs, which some systems append, are no element."""
    reader = TreeReader(is_implicit=False, most=2**20)
    assert reader.feed(CODE + b"\0" * 5, is_last=True)
    assert len(reader.elements) == 1


def test_too_long() -> None:
    """A header has a limit, which counts also for one that comes in pieces."""
    reader = TreeReader(is_implicit=False, most=100)
    with pytest.raises(Malformed, match="longer than"):
        reader.feed(element(0x00080100, b"UT", b"a" * 50, 2**20) + b"a" * 60)
