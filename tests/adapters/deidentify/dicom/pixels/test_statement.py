"""What an object says of its pixels after they were searched."""

from adapters.deidentify.dicom.pixels.statement import BURNED_IN, state_form, state_searched
from adapters.deidentify.dicom.statement import METHOD_CODES
from adapters.deidentify.dicom.tree import Element, Item
from tests.adapters.deidentify.dicom.pixels.test_form import made


def test_searched() -> None:
    """No text is burned in, and the option Clean Pixel Data is named; elements stay in order."""
    elements: Item = [
        Element(METHOD_CODES, b"SQ", items=[[]]),
        Element(BURNED_IN, b"CS", b"YES"),
        Element(0x7FE00000, b"UL"),
    ]
    state_searched(elements)
    assert [METHOD_CODES, BURNED_IN, 0x7FE00000] == [each.tag for each in elements]
    assert b"NO" == elements[1].value
    codes = elements[0].items
    assert codes is not None
    assert b"113101" == codes[-1][0].value


def test_form() -> None:
    """Frames that were decoded are described as they are written now."""
    elements: Item = []
    state_form(elements, made("YBR_FULL"))
    assert {0x00280004: b"YBR_FULL", 0x00280006: b"\0\0", 0x00280100: b"\x08\0"} == {
        each.tag: each.value for each in elements
    }
