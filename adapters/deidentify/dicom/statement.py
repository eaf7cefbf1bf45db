"""What the object says of its own de-identification (PS3.15 E.1.1, PS3.3 C.7.1.1, C.12.1)."""

from adapters.deidentify.dicom.rules import EDITION, FULL, MODIFIED
from adapters.deidentify.dicom.tree import Element, Item
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.settings import DicomProfile

IDENTITY_REMOVED, METHOD, METHOD_CODES, LONGITUDINAL = 0x00120062, 0x00120063, 0x00120064, 0x00280303
CODES = {
    "clean_graphics": ("113103", "Clean Graphics Option"),
    "clean_structured_content": ("113104", "Clean Structured Content Option"),
    "clean_descriptors": ("113105", "Clean Descriptors Option"),
    FULL: ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    MODIFIED: ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    "retain_patient_characteristics": ("113108", "Retain Patient Characteristics Option"),
    "retain_device_identity": ("113109", "Retain Device Identity Option"),
    "retain_uids": ("113110", "Retain UIDs Option"),
    "retain_safe_private": ("113111", "Retain Safe Private Option"),
    "retain_institution_identity": ("113112", "Retain Institution Identity Option"),
}
"""PS3.16 CID 7050."""
BASIC = ("113100", "Basic Application Confidentiality Profile")


def add_statement(elements: Item, profile: DicomProfile, manifest: Manifest) -> None:
    """Add the elements that say what was done; without a layer that was skipped, that the identity is removed."""
    codes = [BASIC, *(CODES[each] for each in sorted(profile.options))]
    dates = "UNMODIFIED" if FULL in profile.options else "MODIFIED" if MODIFIED in profile.options else "REMOVED"
    said = [
        Element(IDENTITY_REMOVED, b"CS", b"NO" if manifest.skipped else b"YES"),
        Element(METHOD, b"LO", f"Hilum, PS3.15 {EDITION}, key {manifest.key}".encode()),
        Element(METHOD_CODES, b"SQ", items=[_code(*each) for each in codes]),
        Element(LONGITUDINAL, b"CS", dates.encode()),
    ]
    tags = {each.tag for each in said}
    elements[:] = sorted([each for each in elements if each.tag not in tags] + said, key=lambda each: each.tag)


def _code(value: str, meaning: str) -> Item:
    return [
        Element(0x00080100, b"SH", value.encode()),
        Element(0x00080102, b"SH", b"DCM"),
        Element(0x00080104, b"LO", meaning.encode()),
    ]
