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

LONG, SHORT = Struct("<L"), Struct("<H")
IMPLICIT, EXPLICIT, EXPLICIT_LONG = Struct("<HHL"), Struct("<HH2sH"), Struct("<HH2sHL")
"""The heads of elements (PS3.5 7.1.2, 7.1.3)."""
MAX_DEPTH = 32
PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
ZERO_PADDED = frozenset((b"UI", b"OB", b"UN"))
GROUP_OF_PIXELS = 0x7F
"""The upper octet of the group 7FE0."""
FIRST_GROUP_APART = 0x7F00
"""Elements of groups from here on may be pixel data, or the marks of items."""
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
        self._item_mark = self._tag.pack(ITEM >> 16, ITEM & 0xFFFF)
        self._group = 0 if is_big else 1
        """Where in a tag the upper octet of its group stands."""
        self._octets = b""
        self._at = 0
        self._before = 0
        """Octets that were read before those that are kept here."""
        self._waiting: list[bytes] = []
        self._size = 0
        """Octets of both that are not read yet."""
        self._enough = 0
        """How many octets that are not read there must be before reading goes on."""
        self._last = -1
        self.elements: Item = []
        self.pixels: tuple[int, bytes, int] | None = None
        """Tag, value representation and length (UNDEFINED for fragments) of the pixel data, once it is reached."""

    def feed(self, octets: bytes | memoryview, *, is_last: bool = False) -> bool:
        """Take octets; return whether the header is complete: at the pixel data, or at the end.

        Raises Malformed if the octets are no elements, or more than *most* of them are a header.
        """
        self._size += len(octets)
        if self._size < self._enough and not is_last:
            self._waiting.append(bytes(octets))
            return False
        self._before += self._at
        self._octets = b"".join((memoryview(self._octets)[self._at :], *self._waiting, octets))
        self._waiting.clear()
        self._at = 0
        try:
            self._read_on()
        except (Incomplete, error, IndexError):
            self._size = len(self._octets) - self._at
            if is_last:
                if not self._octets[self._at :].strip(b"\0"):
                    return True  # NULs, which some systems append
                raise Malformed(CUT) from None
            if self._before + len(self._octets) > self._most:
                raise Malformed(f"its header is longer than {self._most // 2**20} MiB") from None
            self._enough = self._next_try()
            return False
        self._size = len(self._octets) - self._at
        return is_last or self.pixels is not None

    def _read_on(self) -> None:
        """Read elements up to the pixel data, or up to the end of the octets that are there."""
        octets, end = self._octets, len(self._octets)
        while self._at < end:
            if octets[self._at + self._group] == GROUP_OF_PIXELS and self._reaches_pixels():
                return
            elements: Item = []
            self._at = self._short_ones(self._at, end, self._is_implicit, elements)
            if not elements:
                element, self._at = self._element(self._at, end, self._is_implicit, 0)
                elements.append(element)
            for each in elements:
                if each.tag <= self._last:
                    raise Malformed("its elements are not in order, or one occurs twice")
                self._last = each.tag
            self.elements += elements

    def _next_try(self) -> int:
        """Return the number of octets with which the element at the end may be complete."""
        there = len(self._octets) - self._at
        most = self._most + 1 - self._before - self._at
        if there >= 12:
            _, _, vr, short = self._start.unpack_from(self._octets, self._at)
            if self._is_implicit:
                size = 8 + self._long.unpack_from(self._octets, self._at + 4)[0]
            elif vr in LONG_VRS:
                size = 12 + self._long.unpack_from(self._octets, self._at + 8)[0]
            else:
                size = 8 + short
            if size < UNDEFINED:
                return int(min(size, most))
            return min(there + max(there, 64), most)
        return 0

    @property
    def rest(self) -> memoryview:
        """The octets behind the header."""
        return memoryview(self._octets)[self._at :]

    def forget(self) -> None:
        """Free the header: as elements it takes some fifteen times the memory that its octets take."""
        self.elements, self._octets, self._at = [], b"", 0

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
            vr = self._octets[self._at + 4 : self._at + 6]
            if vr not in LONG_VRS:
                raise Malformed("its pixel data has a value representation without a length of 32 bits")
            length, size = self._long.unpack_from(self._octets, self._at + 8)[0], 12
        self._at += size
        self.pixels = tag, vr, length
        return True

    def _element(self, at: int, end: int, is_implicit: bool, depth: int) -> tuple[Element, int]:
        """Return the element at *at*, and where the next one begins."""
        if at + 8 > end:
            raise Incomplete
        group, number, vr, short = self._start.unpack_from(self._octets, at)
        if is_implicit or vr not in SHORT_VRS or group == 0xFFFE:
            return self._long_element(at, end, is_implicit, depth)
        value_end = at + 8 + short
        if value_end > end:
            raise Incomplete
        value = self._octets[at + 8 : value_end]
        return Element(group << 16 | number, vr, swapped(vr, value) if self._is_big else value), value_end

    def _short_ones(self, at: int, end: int, is_implicit: bool, elements: Item) -> int:
        """Add the elements at *at* whose length has 16 bits, as long as such follow: most do. Return where they end."""
        if is_implicit or self._is_big:
            return at
        octets, unpack = self._octets, self._start.unpack_from
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
        data = self._octets
        group, number, vr, _ = self._start.unpack_from(data, at)
        tag = group << 16 | number
        if group == 0xFFFE:
            raise Malformed("an item is outside a sequence")
        if is_implicit:
            length, start, vr = self._long.unpack_from(data, at + 4)[0], at + 8, b""
        elif vr not in LONG_VRS:
            raise Malformed("an element has no value representation that is known")
        elif at + 12 > end:
            raise Incomplete
        else:
            length, start = self._long.unpack_from(data, at + 8)[0], at + 12
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
        return is_possible and self._octets[start : start + 4] == self._item_mark

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
            before = at
            at = self._short_ones(at, end, is_implicit, item)
            if at == before:
                element, at = self._element(at, end, is_implicit, depth)
                item.append(element)

    def _whole_item(self, at: int, stop: int, is_implicit: bool, depth: int) -> Item:
        item: Item = []
        try:
            while True:
                at = self._short_ones(at, stop, is_implicit, item)
                if at >= stop:
                    break
                element, at = self._element(at, stop, is_implicit, depth)
                item.append(element)
        except Incomplete:
            raise Malformed("an element is longer than its item") from None
        return item


def _known(tag: int) -> bytes:
    """Return the representation by the dictionary: of several that only differ in how numbers are read, the first."""
    found = vr_of(tag)
    return found[-2:] if found in {b"OB or OW", b"US or OW"} else found[:2]


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
