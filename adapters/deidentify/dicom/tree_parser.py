"""Reads elements from the octets of a data set, in every uncompressed transfer syntax (PS3.5 7)."""

from struct import Struct

from adapters.deidentify.dicom.byte_order import swapped
from adapters.deidentify.dicom.tree import Element, Item
from adapters.dicom.dictionary import vr_of
from adapters.dicom.encoding import (
    ITEM,
    ITEM_END,
    LONG_VRS,
    MOST_IN_SHORT,
    SEQUENCE_END,
    SHORT_VRS,
    UNDEFINED,
    Malformed,
)

MAX_DEPTH = 32
FIRST_GROUP_APART = 0x7F00
"""Elements of groups from here on may be pixel data, or the marks of items."""
CUT = "the data set ends in the middle of an element"


class Incomplete(Exception):  # noqa: N818  no error: more octets are to come
    """The octets end inside an element."""


class TreeParser:
    """Reads elements from *octets*, which whoever has it replaces.

    The methods raise Incomplete, or struct.error or IndexError where a head is cut, if the octets end too early, and
    Malformed if they are no elements.
    """

    def __init__(self, *, is_big: bool) -> None:
        self.octets = b""
        self._is_big = is_big
        order = ">" if is_big else "<"
        self.tag, self.long = Struct(f"{order}HH"), Struct(f"{order}L")
        self.start = Struct(f"{order}HH2sH")
        self._item_mark = self.tag.pack(ITEM >> 16, ITEM & 0xFFFF)

    def element(self, at: int, end: int, is_implicit: bool, depth: int) -> tuple[Element, int]:
        """Return the element at *at*, and where the next one begins."""
        if at + 8 > end:
            raise Incomplete
        group, number, vr, short = self.start.unpack_from(self.octets, at)
        if is_implicit or vr not in SHORT_VRS or group == 0xFFFE:
            return self._long_element(at, end, is_implicit, depth)
        value_end = at + 8 + short
        if value_end > end:
            raise Incomplete
        value = self.octets[at + 8 : value_end]
        return Element(group << 16 | number, vr, swapped(vr, value) if self._is_big else value), value_end

    def short_ones(self, at: int, end: int, is_implicit: bool, elements: Item) -> int:
        """Add the elements at *at* whose length has 16 bits, as long as such follow: most do. Return where they end."""
        if is_implicit or self._is_big:
            return at
        octets, unpack = self.octets, self.start.unpack_from
        while at + 8 <= end:
            group, number, vr, short = unpack(octets, at)
            value_end = at + 8 + short
            if vr not in SHORT_VRS or value_end > end or group >= FIRST_GROUP_APART:
                break
            elements.append(Element(group << 16 | number, vr, octets[at + 8 : value_end]))
            at = value_end
        return at

    def _long_element(self, at: int, end: int, is_implicit: bool, depth: int) -> tuple[Element, int]:
        """Return one whose length has 32 bits."""
        data = self.octets
        group, number, vr, _ = self.start.unpack_from(data, at)
        tag = group << 16 | number
        if group == 0xFFFE:
            raise Malformed("an item is outside a sequence")
        if is_implicit:
            length, start, vr = self.long.unpack_from(data, at + 4)[0], at + 8, b""
        elif vr not in LONG_VRS:
            raise Malformed("an element has no value representation that is known")
        elif at + 12 > end:
            raise Incomplete
        else:
            length, start = self.long.unpack_from(data, at + 8)[0], at + 12
        if length == UNDEFINED:
            return self._undefined(tag, vr, start, end, is_implicit, depth)
        if start + length > end:
            raise Incomplete
        value_end = start + length
        known = vr or _known(tag)
        if self._has_items(vr, known, start, length):
            inner = is_implicit or vr == b"UN"
            return Element(tag, b"SQ", items=self._items(start, value_end, inner, depth + 1)), value_end
        if vr == b"UN" and not self._is_big and length <= MOST_IN_SHORT:
            known = _known(tag)  # a writer that did not know it: the value is as in Implicit VR (PS3.5 6.2.2)
        known = b"UN" if known in {b"SQ", b""} else known  # the dictionary says SQ, and the octets do not
        value = data[start:value_end]
        return Element(tag, known, swapped(known, value) if self._is_big else value), value_end

    def _has_items(self, vr: bytes, known: bytes, start: int, length: int) -> bool:
        """Whether a value is that of a sequence: by its representation, or by its octets where that is not known."""
        if vr == b"SQ" or (known == b"SQ" and not length):
            return True
        is_possible = known in {b"SQ", b"UN", b""} and length >= 8
        return is_possible and self.octets[start : start + 4] == self._item_mark

    def _undefined(
        self,
        tag: int,
        vr: bytes,
        start: int,
        end: int,
        is_implicit: bool,
        depth: int,
    ) -> tuple[Element, int]:
        if vr not in {b"SQ", b"UN", b""}:
            raise Malformed("an element that is no sequence has an undefined length")
        items: list[Item] = []
        at, inner = start, is_implicit or vr == b"UN"
        while True:
            if at + 8 > end:
                raise Incomplete
            group, number = self.tag.unpack_from(self.octets, at)
            mark, length = group << 16 | number, self.long.unpack_from(self.octets, at + 4)[0]
            at += 8
            if mark == SEQUENCE_END:
                return Element(tag, b"SQ", items=items), at
            if mark != ITEM:
                raise Malformed("a sequence contains something that is no item")
            item, at = self._item(at, end, length, inner, depth + 1)
            items.append(item)

    def _items(self, at: int, end: int, is_implicit: bool, depth: int) -> list[Item]:
        items: list[Item] = []
        while at < end:
            if at + 8 > end:
                raise Malformed(CUT)
            group, number = self.tag.unpack_from(self.octets, at)
            if group << 16 | number != ITEM:
                raise Malformed("a sequence contains something that is no item")
            length = self.long.unpack_from(self.octets, at + 4)[0]
            try:
                item, at = self._item(at + 8, end, length, is_implicit, depth)
            except Incomplete:
                raise Malformed("an item is longer than its sequence") from None
            items.append(item)
        return items

    def _item(self, at: int, end: int, length: int, is_implicit: bool, depth: int) -> tuple[Item, int]:
        if depth > MAX_DEPTH:
            raise Malformed("its sequences are nested more than 32 levels deep")
        item: Item = []
        if length != UNDEFINED:
            if at + length > end:
                raise Incomplete
            return self._whole_item(at, at + length, is_implicit, depth), at + length
        while True:
            if at + 8 > end:
                raise Incomplete
            group, number = self.tag.unpack_from(self.octets, at)
            if group << 16 | number == ITEM_END:
                return item, at + 8
            before = at
            at = self.short_ones(at, end, is_implicit, item)
            if at == before:
                element, at = self.element(at, end, is_implicit, depth)
                item.append(element)

    def _whole_item(self, at: int, stop: int, is_implicit: bool, depth: int) -> Item:
        item: Item = []
        try:
            while True:
                at = self.short_ones(at, stop, is_implicit, item)
                if at >= stop:
                    break
                element, at = self.element(at, stop, is_implicit, depth)
                item.append(element)
        except Incomplete:
            raise Malformed("an element is longer than its item") from None
        return item


def _known(tag: int) -> bytes:
    """Return the representation by the dictionary: of several that only differ in how numbers are read, the first."""
    found = vr_of(tag)
    return found[-2:] if found in {b"OB or OW", b"US or OW"} else found[:2]
