"""Private elements that are known to be safe (PS3.15 E.3.10), by creator, element and path."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from adapters.deidentify.dicom.tree import Element, Item

TABLE = Path(__file__).parent / "table" / "private.tsv"
NEVER = frozenset({b"OB", b"UN", b"OW", b"SQ", b"PN", b"UT", b"LT", b"ST"})
"""Representations that stay never: octets of which nobody knows what they are, and free text."""


class Private:
    """Which private elements stay."""

    def creators(self, elements: Item) -> Mapping[int, str]:
        """Return by the first tag of each block its private creator (PS3.5 7.8.1)."""
        found: dict[int, str] = {}
        for each in elements:
            number = each.tag & 0xFFFF
            if each.tag >> 16 & 1 and 0x10 <= number <= 0xFF and each.vr == b"LO":
                block = each.tag & 0xFFFF0000 | number << 8
                found[block] = each.value.decode("ascii", "replace").strip("\0 ").upper()
        return found

    def is_safe(self, element: Element, creators: Mapping[int, str], path: tuple[int, ...]) -> bool:
        """Whether an element, or the creator of a known block, stays."""
        number = element.tag & 0xFFFF
        if 0x10 <= number <= 0xFF:
            block = element.tag & 0xFFFF0000 | number << 8
            return creators.get(block, "") in _creators()
        creator = creators.get(element.tag & 0xFFFFFF00)
        if creator is None or element.items is not None or element.vr in NEVER or path:
            return False
        known = safe().get((element.tag >> 16, creator, number & 0xFF))
        return known is not None and element.vr in known


@cache
def safe() -> Mapping[tuple[int, str, int], frozenset[bytes]]:
    """Return by group, creator and low octet the representations in which an element is known to be safe."""
    found: dict[tuple[int, str, int], frozenset[bytes]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        group, creator, number, representations = line.split("\t")
        found[int(group, 16), creator, int(number, 16)] = frozenset(representations.encode().split())
    return found


@cache
def _creators() -> frozenset[str]:
    return frozenset(creator for _, creator, _ in safe())
