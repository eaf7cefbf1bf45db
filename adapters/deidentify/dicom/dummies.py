"""Values that replace others and say nothing, by value representation (PS3.15 E.1.1, action D)."""

from adapters.deidentify.dicom.srgb import ICC_PROFILE, srgb
from adapters.deidentify.dicom.tree import Element

DUMMIES = {
    **dict.fromkeys((b"LO", b"SH", b"ST", b"LT", b"UT", b"UC", b"PN", b"CS", b"AE"), b"REMOVED "),
    b"DA": b"19000101",
    b"TM": b"000000",
    b"DT": b"19000101000000",
    b"AS": b"000Y",
    b"UR": b"urn:removed ",
    b"DS": b"0 ",
    b"IS": b"0 ",
    **dict.fromkeys((b"US", b"SS"), bytes(2)),
    **dict.fromkeys((b"UL", b"SL", b"FL", b"AT", b"OF", b"OL"), bytes(4)),
    **dict.fromkeys((b"FD", b"SV", b"UV", b"OD", b"OV", b"OB", b"OW", b"UN"), bytes(8)),
}


def put_dummy(element: Element) -> None:
    """Replace the value of *element*; a sequence keeps one item, in which each public attribute has a dummy."""
    if element.items is None:
        element.value = srgb() if element.tag == ICC_PROFILE else DUMMIES.get(element.vr, b"")
        return
    element.items = [[each for each in item if not each.tag >> 16 & 1] for item in element.items[:1]]
    for item in element.items:
        for each in item:
            put_dummy(each)
