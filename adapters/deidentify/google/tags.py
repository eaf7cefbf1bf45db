"""Elements of DICOM as ``TagFilterList`` names them: by keyword (``PatientID``) or by tag (``00100010``)."""

import re
from collections.abc import Iterable

from adapters.dicom.dictionary import keyword_of, tag_of

TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),? ?([0-9A-Fa-f]{4})\)?\Z", re.ASCII)
STUDY, SERIES, INSTANCE = 0x0020000D, 0x0020000E, 0x00080018
IDS = frozenset({STUDY, SERIES, INSTANCE})
"""The UIDs that are regenerated, and kept by ``skipIdRedaction``; the fourth, of the File Meta Information, is a copy
of the last."""
CLASS, CHARACTER_SET, FILE_META = 0x00080016, 0x00080005, 0x0002
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
OVERLAY_DATA = 0x60003000
REQUIRED = (
    IDS
    | PIXELS
    | {CLASS, CHARACTER_SET}
    | frozenset(
        tag
        for keyword in [
            "SamplesPerPixel",
            "PhotometricInterpretation",
            "PlanarConfiguration",
            "NumberOfFrames",
            "Rows",
            "Columns",
            "PixelAspectRatio",
            "BitsAllocated",
            "BitsStored",
            "HighBit",
            "PixelRepresentation",
            "SmallestImagePixelValue",
            "LargestImagePixelValue",
            "RedPaletteColorLookupTableDescriptor",
            "GreenPaletteColorLookupTableDescriptor",
            "BluePaletteColorLookupTableDescriptor",
            "RedPaletteColorLookupTableData",
            "GreenPaletteColorLookupTableData",
            "BluePaletteColorLookupTableData",
        ]
        if (tag := tag_of(keyword)) is not None
    )
)
"""Elements without which an instance can be neither stored nor read: a list of what stays needs not name them, and a
list of what goes must not."""


def tags_of(names: Iterable[str], place: str) -> frozenset[int]:
    """Return the elements of a list at *place*; raises ValueError for a name that is none."""
    return frozenset(_tag(name, f"{place}[{number}]") for number, name in enumerate(names))


def is_private(tag: int) -> bool:
    """Whether an element is private (PS3.5 7.8)."""
    return bool(tag >> 16 & 1)


def _tag(name: str, place: str) -> int:
    found = TAG.match(name)
    tag = int(found[1] + found[2], 16) if found else tag_of(name) if name else None
    if tag is None:
        raise ValueError(f"{place}: is neither a keyword of PS3.6 nor a tag; write it as PatientID or 00100020")
    return tag


def named(tags: Iterable[int]) -> str:
    """Return keywords for people."""
    return ", ".join(keyword_of(each) or f"{each:08X}" for each in sorted(tags))
