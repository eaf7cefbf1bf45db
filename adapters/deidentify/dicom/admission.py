"""Which objects are held back before anything is done to them."""

from adapters.deidentify.dicom.identity import SOP_CLASS, is_standard, text_of
from adapters.deidentify.dicom.rules import types
from adapters.deidentify.dicom.tree import Item
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.settings import DicomProfile

DOCUMENTS = "1.2.840.10008.5.1.4.1.1.104."
REPORTS = "1.2.840.10008.5.1.4.1.1.88."
STORAGE = "1.2.840.10008.5.1.4.1.1."
"""The root of storage classes: a retired one has no types here, and each element of it gets the strongest action."""
RAW = "1.2.840.10008.5.1.4.1.1.66"
DIRECTORY = "1.2.840.10008.1.3.10"
"""A DICOMDIR: it names files and patients, and has to be made anew from the de-identified instances."""
ENCRYPTED = 0x04000500
WAVEFORM_ANNOTATIONS = 0x0040B020
BURNED_IN, IMAGE_TYPE, MODALITY, BODY_PART, SLICE = 0x00280301, 0x00080008, 0x00080060, 0x00180015, 0x00180050
OF_RISK = ("1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.6.", "1.2.840.10008.5.1.4.1.1.3.",
           "1.2.840.10008.5.1.4.1.1.77.1.")  # fmt: skip
"""Secondary capture, ultrasound, and what cameras make: images that show text."""
RETIRED_OF_RISK = frozenset(f"1.2.840.10008.5.1.4.1.1.{each}" for each in ("3", "6", "77.1", "77.2"))
MODALITIES_OF_RISK = frozenset({"US", "SC", "XC", "ES", "OT", "IVUS", "GM", "DOC", "ECG"})
NO_PICTURES = ("1.2.840.10008.5.1.4.1.1.66", "1.2.840.10008.5.1.4.1.1.30", "1.2.840.10008.5.1.4.1.1.481.2")
"""Segmentations, surfaces and fibres, parametric maps, doses: software has computed their numbers, and text in them
would be no text for a viewer. One that says `BurnedInAnnotation` YES is searched all the same."""
HEADS = ("HEAD", "BRAIN", "SKULL", "FACE", "NECK")
THIN = 3.0


def refuse(elements: Item, profile: DicomProfile, *, has_pixels: bool) -> None:
    """Raise HeldBackError with the reason if the object cannot be de-identified by this profile."""
    sop_class = text_of(elements, SOP_CLASS)
    if not sop_class or sop_class == DIRECTORY:
        raise HeldBackError("it is a DICOMDIR, or has no SOP Class UID")
    if sop_class == RAW:
        raise HeldBackError("it is Raw Data, of which only its maker knows what it holds")
    if sop_class not in types() and not (sop_class.startswith(STORAGE) and is_standard(sop_class)):
        raise HeldBackError("its SOP class is not known here")
    if sop_class.startswith(DOCUMENTS) and profile.documents == "hold_back":
        raise HeldBackError("it is an encapsulated document (`dicom.documents: drop` sends it without the document)")
    if sop_class.startswith(REPORTS) and "clean_structured_content" not in profile.options:
        raise HeldBackError("it is a structured report (the option `clean_structured_content` cleans it)")
    if any(each.tag in {ENCRYPTED, WAVEFORM_ANNOTATIONS} for each in elements):
        raise HeldBackError("it has encrypted attributes, or annotations of a waveform")
    if profile.faces == "hold_back" and _shows_a_face(elements):
        raise HeldBackError("a face can be made from its series (`dicom.faces`)")
    if has_pixels and profile.pixels == "hold_back" and may_show_text(elements, sop_class):
        raise HeldBackError("its image may show text (`dicom.pixels`)")


def is_searched(elements: Item, profile: DicomProfile) -> bool:
    """Whether the image of an object is searched for text."""
    sop_class = text_of(elements, SOP_CLASS)
    if profile.pixels != "redact_all_text":
        return False
    if may_show_text(elements, sop_class):
        return True
    if sop_class.startswith(NO_PICTURES):
        return False
    kinds = text_of(elements, IMAGE_TYPE).upper().split("\\")
    is_original = kinds[:2] == ["ORIGINAL", "PRIMARY"] and text_of(elements, MODALITY) in {"CT", "MR", "PT"}
    return profile.search_originals or not is_original


def may_show_text(elements: Item, sop_class: str) -> bool:
    """Whether the image is of a sort that shows text, or says so itself."""
    kinds = text_of(elements, IMAGE_TYPE).upper().split("\\")
    return (
        sop_class.startswith(OF_RISK)
        or sop_class in RETIRED_OF_RISK
        or text_of(elements, MODALITY) in MODALITIES_OF_RISK
        or text_of(elements, BURNED_IN).upper() == "YES"
        or bool({"SECONDARY", "SCREENSHOT", "SCREEN SAVE", "REPORT"} & set(kinds))
    )


def _shows_a_face(elements: Item) -> bool:
    part = text_of(elements, BODY_PART).upper()
    try:
        thickness = float(text_of(elements, SLICE) or 0)
    except ValueError:
        thickness = 0.0
    return text_of(elements, MODALITY) in {"CT", "MR"} and thickness <= THIN and (not part or part.startswith(HEADS))
