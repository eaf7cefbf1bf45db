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
            if _is_creator(each.tag) and each.vr in {b"LO", b"UN"}:
                each.vr = b"LO"
                found[_block(each.tag)] = each.value.decode("ascii", "replace").strip("\0 ").upper()
        return found

    def without_idle_creators(self, elements: Item) -> Item:
        """Return *elements* without the creators of blocks of which no element is left."""
        used = {each.tag & 0xFFFFFF00 for each in elements if each.tag >> 16 & 1 and each.tag & 0xFFFF > 0xFF}
        return [each for each in elements if not _is_creator(each.tag) or _block(each.tag) in used]

    def is_safe(self, element: Element, creators: Mapping[int, str], path: tuple[int, ...]) -> bool:
        """Whether an element, or the creator of a known block, stays."""
        number = element.tag & 0xFFFF
        if _is_creator(element.tag):
            return creators.get(_block(element.tag), "") in _creators()
        creator = creators.get(element.tag & 0xFFFFFF00)
        if creator is None or element.items is not None or element.vr in NEVER - {b"UN"} or path:
            return False
        known = safe().get((element.tag >> 16, creator, number & 0xFF))
        if known is not None and element.vr == b"UN" and len(known) == 1:
            element.vr = next(iter(known))  # in Implicit VR nobody else says which it is; its form is looked at
        return known is not None and element.vr in known


def _is_creator(tag: int) -> bool:
    return bool(tag >> 16 & 1) and 0x10 <= tag & 0xFFFF <= 0xFF


def _block(creator: int) -> int:
    """Return the first tag of the block that a creator has."""
    return creator & 0xFFFF0000 | (creator & 0xFF) << 8


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
