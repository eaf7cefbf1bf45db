"""The header of a data set as a tree of elements, and its octets in little endian."""

from struct import Struct

from adapters.dicom.encoding import LONG_VRS, MOST_IN_SHORT, Malformed

LONG, SHORT = Struct("<L"), Struct("<H")
IMPLICIT, EXPLICIT, EXPLICIT_LONG = Struct("<HHL"), Struct("<HH2sH"), Struct("<HH2sHL")
"""The heads of elements (PS3.5 7.1.2, 7.1.3)."""
ZERO_PADDED = frozenset((b"UI", b"OB", b"UN"))
FIRST_ITEM = b"\xfe\xff\x00\xe0"


class Element:
    """One element: *value* are its octets, or *items* those of a sequence."""

    __slots__ = ("items", "tag", "value", "vr")

    def __init__(self, tag: int, vr: bytes, value: bytes = b"", items: "list[Item] | None" = None) -> None:
        self.tag, self.vr, self.value, self.items = tag, vr, value, items

    def __repr__(self) -> str:
        """Return the tag and the representation; a value is never shown."""
        return f"Element({self.tag:08X}, {self.vr.decode('ascii', 'replace')})"


Item = list[Element]


def written(elements: Item, *, is_implicit: bool) -> bytes:
    """Return the octets of *elements*; every sequence and item has a defined length."""
    parts: list[bytes] = []
    for each in elements:
        tag, vr, value = each.tag, each.vr, each.value
        if each.items is not None:
            contents = [written(item, is_implicit=is_implicit) for item in each.items]
            value = b"".join([part for content in contents for part in (FIRST_ITEM, LONG.pack(len(content)), content)])
        size = len(value)
        if size & 1:
            value += b"\0" if vr in ZERO_PADDED else b" "
            size += 1
        if is_implicit:
            parts.append(IMPLICIT.pack(tag >> 16, tag & 0xFFFF, size))
        elif vr in LONG_VRS:
            parts.append(EXPLICIT_LONG.pack(tag >> 16, tag & 0xFFFF, vr, 0, size))
        elif size > MOST_IN_SHORT:
            raise Malformed("a value is longer than its value representation allows")
        else:
            parts.append(EXPLICIT.pack(tag >> 16, tag & 0xFFFF, vr, size))
        parts.append(value)
    return b"".join(parts)
