"""What an object says of its pixels after they were searched (PS3.3 C.7.6.1, C.12.1; PS3.16 CID 7050)."""

from adapters.deidentify.dicom.pixels.form import Form
from adapters.deidentify.dicom.statement import METHOD_CODES
from adapters.deidentify.dicom.tree import SHORT, Element, Item

BURNED_IN, PHOTOMETRIC, PLANAR, ALLOCATED = 0x00280301, 0x00280004, 0x00280006, 0x00280100
CLEAN_PIXEL_DATA = ("113101", "Clean Pixel Data Option")


def state_searched(elements: Item) -> None:
    """Say that no text is burned in, and which option did it."""
    _put(elements, Element(BURNED_IN, b"CS", b"NO"))
    for each in elements:
        if each.tag == METHOD_CODES and each.items is not None:
            value, meaning = CLEAN_PIXEL_DATA
            each.items.append(
                [
                    Element(0x00080100, b"SH", value.encode()),
                    Element(0x00080102, b"SH", b"DCM"),
                    Element(0x00080104, b"LO", meaning.encode()),
                ]
            )


def state_form(elements: Item, form: Form) -> None:
    """Say how the frames are laid out that were decoded and written natively; that they were lossy stays."""
    _put(elements, Element(PHOTOMETRIC, b"CS", form.photometric.encode()))
    _put(elements, Element(ALLOCATED, b"US", SHORT.pack(form.allocated)))
    if form.samples > 1:
        _put(elements, Element(PLANAR, b"US", SHORT.pack(int(form.is_planar))))


def _put(elements: Item, element: Element) -> None:
    elements[:] = sorted([each for each in elements if each.tag != element.tag] + [element], key=lambda each: each.tag)
