"""How pixel data is read as frames, and what frames show."""

from struct import pack
from typing import Any

import numpy as np
import pytest

from adapters.deidentify.dicom.pixel_data import Image, image_of
from adapters.deidentify.dicom.pixels.form import Form, as_frame, form_of, shown
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.dicom.made import image


def made(photometric: str = "MONOCHROME2", **given: Any) -> Form:
    """Return a form of 2 by 4 pixels."""
    samples = 3 if photometric.startswith(("RGB", "YBR")) else 1
    rest = {"allocated": 8, "stored": 8, "is_signed": False, "is_planar": False, **given}
    return Form(2, 4, samples, 1, photometric=photometric, **rest)


def described(photometric: str, *more: Element, **size: int) -> tuple[Item, Image]:
    """Return a header and what it says of the image."""
    elements = [each for each in image(2, 4, **size) if each.tag != 0x00280004]
    elements += [Element(0x00280004, b"CS", photometric.encode()), *more]
    return elements, image_of(elements)


def test_signed() -> None:
    """Numbers with a sign are read as such."""
    elements, found = described("MONOCHROME2", allocated=16)
    elements = [each for each in elements if each.tag != 0x00280103] + [Element(0x00280103, b"US", pack("<H", 1))]
    form = form_of(elements, found)
    assert -2 == as_frame(bytearray(pack("<8h", *[-2] * 8)), form)[0, 0]


@pytest.mark.parametrize(
    ("photometric", "size"),
    [
        ("MONOCHROME2", {"allocated": 1}),
        ("HSV", {"samples": 3}),
        ("RGB", {"samples": 1}),
        ("PALETTE COLOR", {"allocated": 8}),
    ],
)
def test_held_back(photometric: str, size: dict[str, int]) -> None:
    """What cannot be shown for certain is held back: single bits, unknown colours, a palette that is missing."""
    with pytest.raises(HeldBackError):
        form_of(*described(photometric, **size))


def test_palette() -> None:
    """Numbers of a palette are shown in its colours; numbers outside have the colour at the end."""
    tables = [
        Element(tag, b"US", pack("<3H", 3, 1, 16)) for tag in (0x00281101, 0x00281102, 0x00281103)
    ] + [
        Element(tag, b"OW", pack("<3H", *values))
        for tag, values in ((0x00281201, (0x1000, 0x2000, 0xFF00)), (0x00281202, (0, 0, 0)), (0x00281203, (0, 0, 0)))
    ]  # fmt: skip
    form = form_of(*described("PALETTE COLOR", *tables))
    seen = shown(as_frame(bytearray([0, 1, 2, 3, 200, 0, 0, 0]), form), form)
    assert [0x10, 0x10, 0x20, 0xFF] == seen[0, :, 0].tolist()
    assert 0xFF == seen[1, 0, 0]


def test_planes() -> None:
    """Planes of colours are seen as pixels, and a change of a pixel changes the octets."""
    octets = bytearray(range(24))
    frame = as_frame(octets, made("RGB", is_planar=True))
    assert [0, 8, 16] == frame[0, 0].tolist()
    frame[0, 0] = 99
    assert [99, 99, 99] == [octets[0], octets[8], octets[16]]


def test_subsampled_colours() -> None:
    """Two pixels that share a colour each have their own brightness."""
    form = made("YBR_FULL_422")
    assert 16 == form.octets_of_frame
    seen = shown(as_frame(bytearray([10, 200, 128, 128] * 4), form), form)
    assert [[10] * 3, [200] * 3] == seen[0, :2].tolist()


def test_ybr() -> None:
    """Brightness and differences of colour are shown as red, green and blue."""
    form = made("YBR_FULL")
    assert [254, 0, 0] == shown(np.full((2, 4, 3), (76, 85, 255), np.uint8), form)[0, 0].tolist()


def test_bits_that_are_not_stored() -> None:
    """Bits above those that are stored are not shown: an overlay may be in them."""
    form = made(allocated=16, stored=12)
    assert 5 == shown(as_frame(bytearray(pack("<8H", *[0xF005] * 8)), form), form)[0, 0]


def test_deep_colours() -> None:
    """Colours of 16 bits are shown by their upper eight."""
    form = made("RGB", allocated=16, stored=16)
    assert 0x12 == shown(np.full((2, 4, 3), 0x1234, np.uint16), form)[0, 0, 0]
