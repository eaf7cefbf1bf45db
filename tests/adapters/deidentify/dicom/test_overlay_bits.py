"""Overlays in bits that the image does not use are gone, in whatever pieces the pixels come; the image is the same."""

from struct import pack

import pytest

from adapters.deidentify.dicom.overlay_bits import BitClearer, overlay_bits
from adapters.deidentify.dicom.tree import Element, written
from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.dicom.made import (
    deidentified,
    fragments,
    header,
    image,
    native,
    part10,
    pixels_of,
)

TWELVE = [Element(0x00280101, b"US", pack("<H", 12)), Element(0x00280102, b"US", pack("<H", 11))]


def overlay(position: int, group: int = 0x6000, *more: Element) -> list[Element]:
    """Return the description of an overlay in a bit of the pixels."""
    return [
        Element(group << 16 | 0x0100, b"US", pack("<H", 16)),
        Element(group << 16 | 0x0102, b"US", pack("<H", position)),
        *more,
    ]


def test_cleared() -> None:
    """Two overlays, pieces of one octet: only bits 12 and 15 change."""
    pixels = pack("<16H", *range(0x9000, 0x9FF0, 0xFF))
    file = native(pixels, *TWELVE, *overlay(12), *overlay(15, 0x6002), allocated=16)
    out = deidentified(file, [file[at : at + 1] for at in range(len(file))])
    assert pixels_of(out) == pack("<16H", *(each & 0x6FFF for each in range(0x9000, 0x9FF0, 0xFF)))


def test_nothing_to_clear() -> None:
    """Without an overlay in the pixels their octets stay as they are, whatever the unused bits say."""
    pixels = pack("<16H", *[0xFFFF] * 16)
    own_data = overlay(12, 0x6000, Element(0x60003000, b"OW", bytes(2)))
    for more in ([], own_data, [Element(0x60000100, b"US", b"\1\0")]):
        assert pixels_of(deidentified(native(pixels, *TWELVE, *more, allocated=16))) == pixels


@pytest.mark.parametrize("position", [0, 7, 11])
def test_in_the_image(position: int) -> None:
    """A bit of the image cannot be cleared: the object is held back."""
    with pytest.raises(HeldBackError, match="overlay"):
        overlay_bits([Element(0x00280100, b"US", b"\x10\0"), *TWELVE, *overlay(position)])


def test_compressed() -> None:
    """Compressed frames cannot be changed: the object is held back."""
    head = written(header(*image(allocated=16), *TWELVE, *overlay(12)), is_implicit=False)
    with pytest.raises(HeldBackError, match="overlay"):
        deidentified(part10(head + fragments(bytes(64)), "1.2.840.10008.1.2.5"))


def test_pixels_of_one_octet() -> None:
    """Pixels of eight bits, and of one bit, which have no unused ones."""
    assert bytes(BitClearer(0x80, 8).receive_data(memoryview(b"\xff\x81\x7f"))) == b"\x7f\x01\x7f"
    assert bytes(BitClearer(0, 1).receive_data(memoryview(b"\xff"))) == b"\xff"
