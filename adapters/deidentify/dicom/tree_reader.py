"""Reads the header of a data set from octets that grow, up to its pixel data."""

from struct import error

from adapters.deidentify.dicom.tree import Item
from adapters.deidentify.dicom.tree_parser import CUT, Incomplete, TreeParser
from adapters.dicom.encoding import LONG_VRS, UNDEFINED, Malformed

PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
GROUP_OF_PIXELS = 0x7F
"""The upper octet of the group 7FE0."""


class TreeReader:
    """Reads elements from octets that grow.

    An element that was not complete is read again, but not before its octets are there, or have doubled: the time
    that a header takes does not depend on the pieces in which it comes.
    """

    def __init__(self, *, is_implicit: bool, most: int, is_big: bool = False) -> None:
        self._is_implicit, self._most = is_implicit, most
        self._parser = TreeParser(is_big=is_big)
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
        self._parser.octets = self._octets
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
            self._at = self._parser.short_ones(self._at, end, self._is_implicit, elements)
            if not elements:
                element, self._at = self._parser.element(self._at, end, self._is_implicit, 0)
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
            _, _, vr, short = self._parser.start.unpack_from(self._octets, self._at)
            if self._is_implicit:
                size = 8 + self._parser.long.unpack_from(self._octets, self._at + 4)[0]
            elif vr in LONG_VRS:
                size = 12 + self._parser.long.unpack_from(self._octets, self._at + 8)[0]
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
        self.elements, self._at = [], 0
        self._octets = self._parser.octets = b""

    def _reaches_pixels(self) -> bool:
        group, number = self._parser.tag.unpack_from(self._octets, self._at)
        tag = group << 16 | number
        if tag not in PIXELS:
            return False
        if self._is_implicit:
            length, size, vr = self._parser.long.unpack_from(self._octets, self._at + 4)[0], 8, b"OW"
        elif self._at + 12 > len(self._octets):
            raise Incomplete
        else:
            vr = self._octets[self._at + 4 : self._at + 6]
            if vr not in LONG_VRS:
                raise Malformed("its pixel data has a value representation without a length of 32 bits")
            length, size = self._parser.long.unpack_from(self._octets, self._at + 8)[0], 12
        self._at += size
        self.pixels = tag, vr, length
        return True
