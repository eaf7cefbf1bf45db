"""Which objects are held back before anything is done, and which images are said to show text."""

import pytest

from adapters.deidentify.dicom.admission import may_show_text, refuse
from adapters.deidentify.dicom.tree import Element
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.settings import DicomProfile
from tests.adapters.deidentify.dicom.made import CT, header

ROOT = "1.2.840.10008.5.1.4.1.1."
US, SC, SR, KO, PDF, RAW = ROOT + "6.1", ROOT + "7", ROOT + "88.22", ROOT + "88.59", ROOT + "104.1", ROOT + "66"


def cs(tag: int, value: bytes) -> Element:
    """Return an element of code strings."""
    return Element(tag, b"CS", value)


def admitted(*more: Element, sop_class: str = CT, has_pixels: bool = False, **profile: object) -> None:
    """Raise HeldBackError if the object is held back."""
    settings = DicomProfile.model_validate({"options": (), **profile})
    refuse(header(*more, sop_class=sop_class), settings, has_pixels=has_pixels)


@pytest.mark.parametrize(
    ("sop_class", "reason"),
    [
        ("", "no SOP Class UID"), (RAW, "Raw Data"), ("1.2.3", "not known"), (ROOT + "999.999", "not known"),
        ("1.2.840.10008.1.3.10", "DICOMDIR"), (PDF, "document"), (SR, "structured report"), (KO, "structured report"),
    ],
)  # fmt: skip
def test_class(sop_class: str, reason: str) -> None:
    """Classes of which nobody knows what they hold, and those that are text, are held back by the profile alone."""
    with pytest.raises(HeldBackError, match=reason):
        admitted(sop_class=sop_class)


def test_class_by_settings() -> None:
    """Settings let documents without their document pass, and reports that are cleaned; a retired class passes."""
    admitted(sop_class=PDF, documents="drop")
    admitted(sop_class=SR, options=("clean_structured_content",))
    admitted(sop_class=ROOT + "6")


@pytest.mark.parametrize("tag", [0x04000500, 0x0040B020])
def test_content(tag: int) -> None:
    """Encrypted attributes, and texts on a waveform, are held back."""
    with pytest.raises(HeldBackError, match="encrypted"):
        admitted(Element(tag, b"SQ", items=[[]]))


@pytest.mark.parametrize(
    ("sop_class", "elements"),
    [
        (US, []), (SC, []), (ROOT + "3.1", []), (ROOT + "77.1.4", []), (ROOT + "6", []), (ROOT + "77.2", []),
        (CT, [cs(0x00080060, b"US")]), (CT, [cs(0x00080060, b"OT")]), (CT, [cs(0x00280301, b"yes ")]),
        (CT, [cs(0x00080008, b"DERIVED\\SECONDARY")]), (CT, [cs(0x00080008, b"derived\\primary\\Screen Save ")]),
    ],
)  # fmt: skip
def test_text(sop_class: str, elements: list[Element]) -> None:
    """Images of these sorts, and those that say so, may show text: they are held back, unless pixels are kept."""
    assert may_show_text(header(*elements, sop_class=sop_class), sop_class)
    with pytest.raises(HeldBackError, match="text"):
        admitted(*elements, sop_class=sop_class, has_pixels=True)
    admitted(*elements, sop_class=sop_class, has_pixels=False)
    admitted(*elements, sop_class=sop_class, has_pixels=True, pixels="keep")


@pytest.mark.parametrize("kinds", [b"", b"ORIGINAL\\PRIMARY\\AXIAL ", b"DERIVED\\PRIMARY"])
def test_no_text(kinds: bytes) -> None:
    """A primary image of a scanner shows none."""
    elements = [cs(0x00080008, kinds), cs(0x00280301, b"NO")]
    assert not may_show_text(header(*elements), CT)
    admitted(*elements, has_pixels=True)


@pytest.mark.parametrize(
    ("modality", "part", "thickness", "is_face"),
    [
        (b"CT", b"HEAD", b"1.25", True), (b"MR", b"BRAIN ", b"3 ", True), (b"CT", b"", b"", True),
        (b"CT", b"HEADNECK", b"thin", True), (b"CT", b"HEAD", b"5 ", False), (b"CT", b"CHEST ", b"1 ", False),
        (b"NM", b"HEAD", b"1 ", False),
    ],
)  # fmt: skip
def test_face(modality: bytes, part: bytes, thickness: bytes, *, is_face: bool) -> None:
    """Thin slices of a head, or of a part that is not named, are held back where the settings ask for it."""
    elements = [cs(0x00080060, modality), cs(0x00180015, part), Element(0x00180050, b"DS", thickness)]
    admitted(*elements)
    if is_face:
        with pytest.raises(HeldBackError, match="face"):
            admitted(*elements, faces="hold_back")
    else:
        admitted(*elements, faces="hold_back")
