"""Areas of text by device."""

from struct import pack

import pytest

from adapters.deidentify.dicom.pixels.regions import known_boxes, rules
from adapters.deidentify.dicom.pixels.search import Box
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.settings import PixelRegion


def header(maker: str, model: str, rows: int, *more: Element, modality: str = "US") -> Item:
    """Return what a device says of itself."""
    return [
        Element(0x00080060, b"CS", modality.encode()),
        Element(0x00080070, b"LO", maker.encode()),
        Element(0x00081090, b"LO", model.encode()),
        Element(0x00280010, b"US", pack("<H", rows)),
        *more,
    ]


def region(x0: int, y0: int, x1: int, y1: int) -> Item:
    """Return one region of an ultrasound."""
    tags = (0x00186018, 0x0018601A, 0x0018601C, 0x0018601E)
    return [Element(tag, b"UL", pack("<L", each)) for tag, each in zip(tags, (x0, y0, x1, y1), strict=True)]


def test_table() -> None:
    """The table has areas of a hundred devices, each inside out: no area is empty."""
    assert len(rules()) > 100
    assert all(each.left < each.right and each.top < each.bottom for rule in rules() for each in rule.boxes)


def test_device() -> None:
    """A device of the table has its banner, cut to the image; one of another size, or of another maker, has none."""
    assert Box(0, 0, 640, 47) in known_boxes(header("Philips Medical Systems", "iU22", 480), 480, 640, ())
    assert set() == known_boxes(header("Philips Medical Systems", "iU22", 481), 481, 640, ())
    assert set() == known_boxes(header("Philipsburg", "iU22", 480), 480, 640, ())


def test_maker_is_a_whole_word() -> None:
    """GE is no part of AGFA-GEVAERT."""
    burned_in = Element(0x00280301, b"CS", b"YES ")
    assert known_boxes(header("GE MEDICAL", "x", 1024, burned_in, modality="CT"), 1024, 1024, ())
    assert not known_boxes(header("AGFA GEVAERT", "x", 1024, burned_in, modality="CT"), 1024, 1024, ())


def test_own() -> None:
    """Areas of the configuration are covered for the devices that it names."""
    own = PixelRegion(manufacturer="acme", rows=100, areas=((10, 20, 30, 40),))
    assert {Box(10, 20, 40, 60)} == known_boxes(header("ACME Inc", "S", 100, modality="CT"), 100, 200, [own])
    assert set() == known_boxes(header("Other", "S", 100, modality="CT"), 100, 200, [own])
    assert set() == known_boxes(header("ACME Inc", "S", 90, modality="CT"), 90, 200, [own])


def test_outside_ultrasound() -> None:
    """What lies outside the regions of an ultrasound is covered."""
    regions = Element(0x00186011, b"SQ", items=[region(10, 20, 49, 79), region(50, 20, 89, 79)])
    found = known_boxes(header("Acme", "S", 100, regions), 100, 100, ())
    assert {Box(0, 0, 100, 20), Box(0, 80, 100, 100), Box(0, 20, 10, 80), Box(90, 20, 100, 80)} == found


@pytest.mark.parametrize("corners", [(0, 0, 20, 20), (0, 0, 500, 90)])
def test_regions_that_are_wrong(corners: tuple[int, int, int, int]) -> None:
    """Regions that are tiny, or larger than the image, are not trusted: the detector looks at all of it."""
    regions = Element(0x00186011, b"SQ", items=[region(*corners)])
    assert set() == known_boxes(header("Acme", "S", 100, regions), 100, 100, ())
