"""Elements for which PS3.6 names several value representations: which one it is, by the elements around them."""

from collections.abc import Mapping

from adapters.tables.dicom.data_set import Element

LUT_DATA, LUT_DESCRIPTOR, WAVEFORM_BITS = 0x00283006, "00283002", "003A021A"
WAVEFORMS = frozenset((0x54000110, 0x54000112, 0x5400100A, 0x54001010))
BITS = "54001004"
"""Waveform Bits Allocated."""


def is_ambiguous(vr: str) -> bool:
    """Whether *vr* names several."""
    return len(vr) > 2


def resolved(
    tag: int, vr: str, is_implicit: bool, pixel_representation: int | None, json: Mapping[str, Element]
) -> str:
    """Return the value representation of an element, given those before it in its data set."""
    if tag == LUT_DATA:
        # PS3.3 C.11.1.1: with a single entry the data are one number.
        descriptor = json.get(LUT_DESCRIPTOR, {}).get("Value")
        return "US" if descriptor and descriptor[0] == 1 else "OW"
    if vr.startswith("US or SS"):
        return "SS" if pixel_representation else "US"
    if tag in WAVEFORMS:
        bits = json.get(BITS, {}).get("Value") or [16]
        return "OW" if is_implicit or bits[0] > 8 else "OB"
    return "OW"
