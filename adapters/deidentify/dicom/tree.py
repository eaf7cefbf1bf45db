"""The header of a data set as a tree of elements: read from octets, and written again in little endian."""

from struct import Struct, error

from adapters.deidentify.dicom.byte_order import swapped
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

TAG, LONG, SHORT = Struct("<HH"), Struct("<L"), Struct("<H")
MAX_DEPTH = 32
PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
FIRST_ITEM = b"\xfe\xff\x00\xe0"
CUT = "the data set ends in the middle of an element"


class Incomplete(Exception):  # noqa: N818  no error: more octets are to come
    """The octets end inside an element."""


class Element:
    """One element: *value* are its octets, or *items* those of a sequence."""

    __slots__ = ("items", "tag", "value", "vr")

    def __init__(self, tag: int, vr: bytes, value: bytes = b"", items: "list[Item] | None" = None) -> None:
        self.tag, self.vr, self.value, self.items = tag, vr, value, items

    def __repr__(self) -> str:
        """Return the tag and the representation; a value is never shown."""
        return f"Element({self.tag:08X}, {self.vr.decode('ascii', 'replace')})"


Item = list[Element]


class TreeReader:
    """Reads elements from octets that grow.

    An element that was not complete is read again, but not before its octets are there, or have doubled: the time
    that a header takes does not depend on the pieces in which it comes.
    """

    def __init__(self, *, is_implicit: bool, most: int, is_big: bool = False) -> None:
        self._is_implicit, self._most, self._is_big = is_implicit, most, is_big
        order = ">" if is_big else "<"
        self._tag, self._long = Struct(f"{order}HH"), Struct(f"{order}L")
        self._start = Struct(f"{order}HH2sH")
        self._octets = bytearray()
        self._at = 0
        self._enough = 0
        """How many octets there must be before reading goes on."""
        self._last = -1
        self.elements: Item = []
        self.pixels: tuple[int, bytes, int] | None = None
        """Tag, value representation and length (UNDEFINED for fragments) of the pixel data, once it is reached."""

    def feed(self, octets: bytes | memoryview, *, is_last: bool = False) -> bool:
        """Take octets; return whether the header is complete: at the pixel data, or at the end.

        Raises Malformed if the octets are no elements, or more than *most* of them are a header.
        """
        self._octets += octets
        if len(self._octets) < self._enough and not is_last:
            return False
        try:
            while self._at < len(self._octets):
                if self._reaches_pixels():
                    return True
                element, self._at = self._element(self._at, len(self._octets), self._is_implicit, 0)
                if element is not None:
                    self._add(element)
        except (Incomplete, error, IndexError):
            if is_last:
                if not bytes(self._octets[self._at :]).strip(b"\0"):
                    return True  # NULs, which some systems append
                raise Malformed(CUT) from None
            if len(self._octets) > self._most:
                raise Malformed(f"its header is longer than {self._most // 2**20} MiB") from None
            self._enough = self._next_try()
            return False
        return is_last

    def _next_try(self) -> int:
        """Return the number of octets with which the element at the end may be complete."""
        there = len(self._octets) - self._at
        if there >= 12:
            _, _, vr, short = self._start.unpack_from(self._octets, self._at)
            if self._is_implicit:
                size = 8 + self._long.unpack_from(self._octets, self._at + 4)[0]
            elif vr in LONG_VRS:
                size = 12 + self._long.unpack_from(self._octets, self._at + 8)[0]
            else:
                size = 8 + short
            if size < UNDEFINED:
                return int(min(self._at + size, self._most + 1))
            return min(self._at + there + max(there, 64), self._most + 1)
        return 0

    @property
    def rest(self) -> memoryview:
        """The octets behind the header."""
        return memoryview(self._octets)[self._at :]

    def _add(self, element: Element) -> None:
        if element.tag <= self._last:
            raise Malformed("its elements are not in order, or one occurs twice")
        self._last = element.tag
        self.elements.append(element)

    def _reaches_pixels(self) -> bool:
        group, number = self._tag.unpack_from(self._octets, self._at)
        tag = group << 16 | number
        if tag not in PIXELS:
            return False
        if self._is_implicit:
            length, size, vr = self._long.unpack_from(self._octets, self._at + 4)[0], 8, b"OW"
        elif self._at + 12 > len(self._octets):
            raise Incomplete
        else:
            vr = bytes(self._octets[self._at + 4 : self._at + 6])
            if vr not in LONG_VRS:
                raise Malformed("its pixel data has a value representation without a length of 32 bits")
            length, size = self._long.unpack_from(self._octets, self._at + 8)[0], 12
        self._at += size
        self.pixels = tag, vr, length
        return True

    def _element(  # noqa: C901  one row for each way in which a length is written
        self, at: int, end: int, is_implicit: bool, depth: int
    ) -> tuple[Element | None, int]:
        """Return the element at *at*, None for one that is left out, and where the next one begins."""
        data = self._octets
        if at + 8 > end:
            raise Incomplete
        group, number, vr, short = self._start.unpack_from(data, at)
        tag = group << 16 | number
        if group == 0xFFFE:
            raise Malformed("an item is outside a sequence")
        if is_implicit:
            length, start, vr = self._long.unpack_from(data, at + 4)[0], at + 8, b""
        elif vr in SHORT_VRS:
            length, start = short, at + 8
        elif vr in LONG_VRS:
            if at + 12 > end:
                raise Incomplete
            length, start = self._long.unpack_from(data, at + 8)[0], at + 12
        else:
            raise Malformed("an element has no value representation that is known")
        if length == UNDEFINED:
            return self._undefined(tag, vr, start, end, is_implicit, depth)
        if start + length > end:
            raise Incomplete
        value_end = start + length
        known = vr or _known(tag)
        is_items = data[start : start + 4] == self._tag.pack(ITEM >> 16, ITEM & 0xFFFF) and length >= 8
        if vr == b"SQ" or (known == b"SQ" and not length) or (known in {b"SQ", b"UN", b""} and is_items):
            inner = is_implicit or vr == b"UN"
            return Element(tag, b"SQ", items=self._items(start, value_end, inner, depth + 1)), value_end
        if vr == b"UN" and not self._is_big and length <= MOST_IN_SHORT:
            known = _known(tag)  # a writer that did not know it: the value is as in Implicit VR (PS3.5 6.2.2)
        known = b"UN" if known in {b"SQ", b""} else known  # the dictionary says SQ, and the octets do not
        value = bytes(data[start:value_end])
        return Element(tag, known, swapped(known, value) if self._is_big else value), value_end

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
            group, number = self._tag.unpack_from(self._octets, at)
            mark, length = group << 16 | number, self._long.unpack_from(self._octets, at + 4)[0]
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
            group, number = self._tag.unpack_from(self._octets, at)
            if group << 16 | number != ITEM:
                raise Malformed("a sequence contains something that is no item")
            length = self._long.unpack_from(self._octets, at + 4)[0]
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
            group, number = self._tag.unpack_from(self._octets, at)
            if group << 16 | number == ITEM_END:
                return item, at + 8
            element, at = self._element(at, end, is_implicit, depth)
            if element is not None:
                item.append(element)

    def _whole_item(self, at: int, stop: int, is_implicit: bool, depth: int) -> Item:
        item: Item = []
        while at < stop:
            try:
                element, at = self._element(at, stop, is_implicit, depth)
            except Incomplete:
                raise Malformed("an element is longer than its item") from None
            if element is not None:
                item.append(element)
        return item


def _known(tag: int) -> bytes:
    """Return the representation by the dictionary: of several that only differ in how numbers are read, the first."""
    found = vr_of(tag)
    return found[-2:] if found in {b"OB or OW", b"US or OW"} else found[:2]


def written(elements: Item, *, is_implicit: bool) -> bytes:
    """Return the octets of *elements*; every sequence and item has a defined length."""
    parts: list[bytes] = []
    for each in elements:
        value = each.value
        if each.items is not None:
            contents = [written(item, is_implicit=is_implicit) for item in each.items]
            value = b"".join(FIRST_ITEM + LONG.pack(len(content)) + content for content in contents)
        elif len(value) % 2:
            value += b"\0" if each.vr in {b"UI", b"OB", b"UN"} else b" "
        tag = TAG.pack(each.tag >> 16, each.tag & 0xFFFF)
        if is_implicit:
            parts.append(tag + LONG.pack(len(value)) + value)
        elif each.vr in LONG_VRS:
            parts.append(tag + each.vr + b"\0\0" + LONG.pack(len(value)) + value)
        elif len(value) > 0xFFFE:
            raise Malformed("a value is longer than its value representation allows")
        else:
            parts.append(tag + each.vr + SHORT.pack(len(value)) + value)
    return b"".join(parts)
