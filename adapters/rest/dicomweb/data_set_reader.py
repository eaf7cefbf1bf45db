"""Reads a data set that comes in pieces, in any uncompressed transfer syntax, and writes it in one form (PS3.5 7).

An element: V, tag, length, value in little endian. Each item of a sequence: I, tag of the sequence, its elements, E. An
empty sequence is written as an element without a value, because other encoders write it so.

The reader is a chain of generators: each yields when it needs more octets.
"""

import struct
from collections.abc import Generator
from functools import lru_cache

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from adapters.rest.dicomweb.file_meta import BIG_ENDIAN, IMPLICIT, LONG_VRS
from gateway.contract.body import Buffer

WIDTHS = {
    **dict.fromkeys((b"AT", b"OW", b"SS", b"US"), 2),
    **dict.fromkeys((b"FL", b"OF", b"OL", b"SL", b"UL"), 4),
    **dict.fromkeys((b"FD", b"OD", b"OV", b"SV", b"UV"), 8),
}
"""Octets of a number, which are in reverse order in big endian (PS3.5 7.3)."""
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
PADDING = 0xFFFCFFFC
PIXEL_DATA = 0x7FE00010
MAX_DEPTH = 32

Reading = Generator[None, None, None]


class Unreadable(Exception):  # noqa: N818 - never leaves a digest
    """The data set is not encoded as its transfer syntax says."""


class DataSetReader:
    """Reads one data set in Implicit VR Little Endian, Explicit VR Big Endian, or else Explicit VR Little Endian.

    Compressed instances are encoded in Explicit VR Little Endian, too (PS3.5 A.4).
    """

    def __init__(self, transfer_syntax: str) -> None:
        self.written = bytearray()
        """The elements read so far, in the one form; the caller takes and clears them."""
        self.guessed = False
        """Whether an element was read as a sequence that may not be one, or had an unknown representation."""
        self.elements = 0
        """Elements and items that have begun, at every depth."""
        self._octets = bytearray()
        self._at = 0
        self._position = 0
        self._ended = False
        self._order = ">" if transfer_syntax == BIG_ENDIAN else "<"
        self._reading = self._data_set(implicit=transfer_syntax == IMPLICIT)

    def receive_data(self, octets: Buffer) -> None:
        """Take the next octets; raise Unreadable if they are not encoded as the transfer syntax says."""
        del self._octets[: self._at]
        self._at = 0
        self._octets += octets
        next(self._reading, None)

    def receive_end(self) -> None:
        """Take the end of the data set; raise Unreadable if it is in the middle of an element."""
        self._ended = True
        self.receive_data(b"")

    def _data_set(self, *, implicit: bool) -> Reading:
        while (yield from self._more()) and not (yield from self._is_padding()):
            if not (yield from self._element(implicit=implicit, depth=0)):
                raise Unreadable

    def _more(self) -> Generator[None, None, bool]:
        while self._at == len(self._octets):
            if self._ended:
                return False
            yield
        return True

    def _is_padding(self) -> Generator[None, None, bool]:
        """Skip NULs at the end, which some stores append to a body; return whether there were any."""
        while len(self._octets) - self._at < 4 and not self._ended:
            yield
        if self._octets[self._at : self._at + 4].strip(b"\0"):
            return False
        while (yield from self._more()):
            if (yield from self._take(len(self._octets) - self._at)).strip(b"\0"):
                raise Unreadable
        return True

    def _take(self, size: int) -> Generator[None, None, bytes]:
        while len(self._octets) - self._at < size:
            if self._ended:
                raise Unreadable
            yield
        taken = bytes(self._octets[self._at : self._at + size])
        self._at += size
        self._position += size
        return taken

    def _header(self, *, implicit: bool) -> Generator[None, None, tuple[int, bytes, int]]:
        """Return tag, value representation (empty if unknown) and length."""
        octets = yield from self._take(8)
        group, number = struct.unpack(f"{self._order}HH", octets[:4])
        tag = group << 16 | number
        if implicit or group == 0xFFFE:
            return tag, _vr_of(tag), struct.unpack(f"{self._order}I", octets[4:])[0]
        vr = octets[4:6]
        if vr not in LONG_VRS:
            return tag, vr, struct.unpack(f"{self._order}H", octets[6:])[0]
        return tag, vr, struct.unpack(f"{self._order}I", (yield from self._take(4)))[0]

    def _element(self, *, implicit: bool, depth: int) -> Generator[None, None, bool]:
        """Read an element; return False if it was the end of the item."""
        tag, vr, length = yield from self._header(implicit=implicit)
        self.elements += 1
        if tag == ITEM_END:
            return False
        if tag >> 16 == 0xFFFE or not (implicit or vr.isalpha()):
            raise Unreadable
        if tag & 0xFFFF == 0 or tag == PADDING:
            yield from self._value(length, 1, written=False)
        elif tag == PIXEL_DATA and length == UNDEFINED and not implicit:
            yield from self._fragments(tag)
        elif vr not in {b"", b"SQ", b"UN"} and length == UNDEFINED:
            raise Unreadable
        elif vr == b"SQ" or length == UNDEFINED or (yield from self._is_like_sequence(vr, length)):
            # PS3.5 6.2.2: the items in an element of unknown representation are implicit.
            yield from self._sequence(tag, length, implicit=implicit or vr == b"UN", depth=depth + 1)
        else:
            self._write(b"V", tag, length)
            yield from self._value(length, WIDTHS.get(vr, 1) if self._order == ">" else 1)
        return True

    def _is_like_sequence(self, vr: bytes, length: int) -> Generator[None, None, bool]:
        if vr not in {b"", b"UN"}:
            return False
        self.guessed = self.guessed or self._order == ">"
        if length < 8:
            return False
        while len(self._octets) - self._at < 4:
            if self._ended:
                raise Unreadable
            yield
        like = bytes(self._octets[self._at : self._at + 4]) == b"\xfe\xff\x00\xe0"
        self.guessed = self.guessed or like
        return like

    def _sequence(self, tag: int, length: int, *, implicit: bool, depth: int) -> Reading:
        if depth > MAX_DEPTH:
            raise Unreadable
        end = None if length == UNDEFINED else self._position + length
        count = 0
        while end is None or self._position < end:
            mark, _, size = yield from self._header(implicit=implicit)
            self.elements += 1
            if mark == SEQUENCE_END and end is None:
                break
            if mark != ITEM:
                raise Unreadable
            self._write(b"I", tag)
            yield from self._item(size, implicit=implicit, depth=depth)
            self.written += b"E"
            count += 1
        if end is not None and self._position != end:
            raise Unreadable
        if not count:  # other encoders write an empty sequence as an element without a value
            self._write(b"V", tag, 0)

    def _fragments(self, tag: int) -> Reading:
        while True:
            mark, _, size = yield from self._header(implicit=True)
            if mark == SEQUENCE_END:
                return
            if mark != ITEM or size == UNDEFINED:
                raise Unreadable
            self._write(b"V", tag, size)
            yield from self._value(size, 1)

    def _item(self, length: int, *, implicit: bool, depth: int) -> Reading:
        end = None if length == UNDEFINED else self._position + length
        while end is None or self._position < end:
            if not (yield from self._element(implicit=implicit, depth=depth)):
                if end is not None:
                    raise Unreadable
                return
        if self._position != end:
            raise Unreadable

    def _value(self, length: int, width: int, *, written: bool = True) -> Reading:
        remaining = length
        while remaining:
            size = min(remaining, len(self._octets) - self._at)
            if size < remaining:
                size -= size % width
            octets = yield from self._take(size or min(remaining, width))
            remaining -= len(octets)
            if written:
                self.written += _reversed(octets, width) if width > 1 else octets

    def _write(self, kind: bytes, tag: int, length: int | None = None) -> None:
        self.written += kind + struct.pack(">I", tag) + (b"" if length is None else struct.pack(">Q", length))


def _reversed(octets: bytes, width: int) -> bytes:
    whole = len(octets) - len(octets) % width
    result = bytearray(octets)
    for place in range(width):
        result[place:whole:width] = octets[width - 1 - place : whole : width]
    return bytes(result)


@lru_cache(maxsize=4096)
def _vr_of(tag: int) -> bytes:
    """Return the value representation of *tag* in the dictionary, or nothing if the tag is not in it."""
    return dictionary_VR(tag).encode() if dictionary_has_tag(tag) else b""
