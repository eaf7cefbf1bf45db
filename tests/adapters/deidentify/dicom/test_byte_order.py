"""Values in big endian become the same numbers in little endian."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.dicom.byte_order import WIDTHS, PixelSwapper, swapped, turned

LETTERS = {2: "H", 4: "L", 8: "Q"}


@pytest.mark.parametrize("vr", WIDTHS)
def test_numbers(vr: bytes) -> None:
    """Each number is turned around by itself."""
    letter = LETTERS[WIDTHS[vr]]
    assert swapped(vr, pack(f">3{letter}", 1, 2, 3)) == pack(f"<3{letter}", 1, 2, 3)


@pytest.mark.parametrize("vr", [b"LO", b"OB", b"UN", b"SQ", b"??"])
def test_no_numbers(vr: bytes) -> None:
    """What has no order stays."""
    assert swapped(vr, b"abcdefgh") == b"abcdefgh"


def test_half_a_number() -> None:
    """A value that is not made of whole numbers stays; whoever looks at its form removes it."""
    assert swapped(b"UL", b"abcdef") == b"abcdef"


@given(st.binary(max_size=64), st.sampled_from([1, 2, 4, 8]))
def test_turned_twice(value: bytes, width: int) -> None:
    """Turned twice, it is the same."""
    assert turned(turned(value, width), width) == value


@pytest.mark.parametrize(
    ("vr", "allocated", "width"),
    [(b"OB", 8, 1), (b"OB", 16, 1), (b"OW", 8, 2), (b"OW", 16, 2), (b"OW", 32, 4), (b"OF", 32, 4), (b"OD", 64, 8)],
)
@pytest.mark.parametrize("size", [1, 3, 16])
def test_pixels(vr: bytes, allocated: int, width: int, size: int) -> None:
    """Pixels are turned in whichever pieces they come: words of 16 bits (PS3.5 A.3), or longer samples."""
    pixels = bytes(range(32))
    swapper = PixelSwapper(vr, allocated)
    pieces = [bytes(swapper.receive_data(memoryview(pixels)[at : at + size])) for at in range(0, 32, size)]
    assert b"".join(pieces) == turned(pixels, width)
