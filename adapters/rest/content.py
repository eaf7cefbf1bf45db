"""Whether two data sets have the same content, in whichever of the uncompressed transfer syntaxes each is encoded.

The elements are read as they pass and written, into a fingerprint, in one form: tag, length, value in little endian;
sequences and items by marks of their own. What is encoding only makes no difference: byte order, whether value
representations and the ends of sequences are explicit, deflation, group lengths (PS3.5 7.2) and trailing padding
(PS3.10 7.2). This costs some microseconds an element, so it is done only after a conflict.

An implicit encoding does not tell whether a private element is a sequence. One that begins like a sequence is taken for
one, and so is an element of unknown representation (UN); a difference means nothing where that was done.
"""

import struct
import zlib
from collections.abc import Generator
from functools import lru_cache

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from adapters.rest.file_meta import LONG_VRS, FileMeta
from adapters.rest.fingerprint import Fingerprint, Mac
from adapters.rest.part_reader import PartReader
from gateway.message import Buffer

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
UNCOMPRESSED = {IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN}

WIDTHS = {
    **dict.fromkeys((b"AT", b"OW", b"SS", b"US"), 2),
    **dict.fromkeys((b"FL", b"OF", b"OL", b"SL", b"UL"), 4),
    **dict.fromkeys((b"FD", b"OD", b"OV", b"SV", b"UV"), 8),
}
"""Octets of a number, which stand in the other order in big endian (PS3.5 7.3)."""
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
PADDING = 0xFFFCFFFC
MAX_DEPTH = 32
PIECE = 64 * 1024
MAX_INFLATED = 4 * 1024 * 1024 * 1024
"""Octets that a deflated data set may have."""

Reading = Generator[None, None, None]


class _Unreadable(Exception):  # noqa: N818 - never leaves this file
    """The data set is not encoded as its transfer syntax says."""


class ContentDigest:
    """Takes a Part 10 file in pieces and gives the fingerprint of its content, under *key* or a new one."""

    def __init__(self, key: bytes | None = None) -> None:
        self._meta = FileMeta()
        self._mac = Mac(key)
        self._written = bytearray()
        self._octets = bytearray()
        self._at = 0
        self._position = 0
        self._ended = False
        self._unreadable = False
        self._order = "<"
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)  # PS3.5 A.5: raw deflate
        self._inflated = 0
        self._reading: Reading | None = None
        self.guessed = False
        """Whether an element was taken for a sequence that may be none, or one of unknown representation was read."""

    def update(self, chunk: Buffer) -> None:
        """Take the next piece."""
        if self._unreadable:
            return
        octets = chunk if self._meta.passed else self._meta.strip(chunk)
        try:
            self._inflate(octets) if self._meta.transfer_syntax == DEFLATED else self._read(octets)
        except (_Unreadable, zlib.error):
            self._unreadable = True
            self._octets.clear()

    def finish(self) -> Fingerprint | None:
        """Return the fingerprint of what was taken; None when it could not be read to its end."""
        self._ended = True
        self.update(b"")
        if self._unreadable or self._reading is None:
            return None
        self._mac.update(self._written)
        return self._mac.finish(self._meta.transfer_syntax)

    def _inflate(self, octets: Buffer) -> None:
        pending = b"" if self._inflater.eof else bytes(octets)
        while True:
            inflated = self._inflater.decompress(pending, PIECE)
            self._inflated += len(inflated)
            if self._inflated > MAX_INFLATED:
                raise _Unreadable
            self._read(inflated)
            pending = self._inflater.unconsumed_tail
            if len(inflated) < PIECE and not pending:
                return

    def _read(self, octets: Buffer) -> None:
        if self._reading is None:
            if not self._meta.passed:
                return
            self._reading = self._begin(self._meta.transfer_syntax)
        del self._octets[: self._at]
        self._at = 0
        self._octets += octets
        next(self._reading, None)
        if len(self._written) >= PIECE:
            self._mac.update(bytes(self._written))
            self._written.clear()

    def _begin(self, transfer_syntax: str) -> Reading:
        if transfer_syntax not in UNCOMPRESSED:
            raise _Unreadable
        self._order = ">" if transfer_syntax == BIG_ENDIAN else "<"
        return self._data_set(implicit=transfer_syntax == IMPLICIT)

    def _data_set(self, *, implicit: bool) -> Reading:
        while (yield from self._more()):
            if not (yield from self._element(implicit=implicit, depth=0)):
                raise _Unreadable

    def _more(self) -> Generator[None, None, bool]:
        while self._at == len(self._octets):
            if self._ended:
                return False
            yield
        return True

    def _take(self, size: int) -> Generator[None, None, bytes]:
        while len(self._octets) - self._at < size:
            if self._ended:
                raise _Unreadable
            yield
        taken = bytes(self._octets[self._at : self._at + size])
        self._at += size
        self._position += size
        return taken

    def _header(self, *, implicit: bool) -> Generator[None, None, tuple[int, bytes, int]]:
        """Return tag, value representation (empty where it is not known) and length."""
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
        """Read an element; return False when it was the end of the item."""
        tag, vr, length = yield from self._header(implicit=implicit)
        if tag == ITEM_END:
            return False
        may_be_sequence = vr in {b"", b"SQ", b"UN"}
        if tag >> 16 == 0xFFFE or not (implicit or vr.isalpha()) or (length == UNDEFINED and not may_be_sequence):
            raise _Unreadable
        if tag & 0xFFFF == 0 or tag == PADDING:
            yield from self._value(length, 1, written=False)
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
                raise _Unreadable
            yield
        like = bytes(self._octets[self._at : self._at + 4]) == b"\xfe\xff\x00\xe0"
        self.guessed = self.guessed or like
        return like

    def _sequence(self, tag: int, length: int, *, implicit: bool, depth: int) -> Reading:
        if depth > MAX_DEPTH:
            raise _Unreadable
        end = None if length == UNDEFINED else self._position + length
        count = 0
        while end is None or self._position < end:
            mark, _, size = yield from self._header(implicit=implicit)
            if mark == SEQUENCE_END and end is None:
                break
            if mark != ITEM:
                raise _Unreadable
            self._write(b"I", tag)
            yield from self._item(size, implicit=implicit, depth=depth)
            self._written += b"E"
            count += 1
        if end is not None and self._position != end:
            raise _Unreadable
        if not count:  # an empty sequence may be an element without a value elsewhere
            self._write(b"V", tag, 0)

    def _item(self, length: int, *, implicit: bool, depth: int) -> Reading:
        end = None if length == UNDEFINED else self._position + length
        while end is None or self._position < end:
            if not (yield from self._element(implicit=implicit, depth=depth)):
                if end is not None:
                    raise _Unreadable
                return
        if self._position != end:
            raise _Unreadable

    def _value(self, length: int, width: int, *, written: bool = True) -> Reading:
        remaining = length
        while remaining:
            size = min(remaining, len(self._octets) - self._at)
            if size < remaining:
                size -= size % width
            octets = yield from self._take(size or min(remaining, width))
            remaining -= len(octets)
            if written:
                self._written += _reversed(octets, width) if width > 1 else octets

    def _write(self, kind: bytes, tag: int, length: int | None = None) -> None:
        self._written += kind + struct.pack(">I", tag) + (b"" if length is None else struct.pack(">Q", length))


class ContentComparison:
    """Takes a retrieved instance and tells whether its content is that of *expected*, a digest's fingerprint."""

    def __init__(self, expected: Fingerprint, *, guessed: bool) -> None:
        self._expected = expected
        self._guessed = guessed
        self._digest = ContentDigest(expected.key)
        self._part = PartReader(self._digest.update)

    def update(self, piece: bytes) -> bool:
        """Take the next piece of the reply; False when no more is needed."""
        self._part.update(piece)
        return True

    def is_same(self) -> bool | None:
        """Whether the contents are the same; None when that cannot be known."""
        ended = self._part.finish()
        found = self._digest.finish()
        if found is None or not ended:
            return None
        if found == self._expected:
            return True
        return None if self._guessed or self._digest.guessed else False


def _reversed(octets: bytes, width: int) -> bytes:
    whole = len(octets) - len(octets) % width
    result = bytearray(octets)
    for place in range(width):
        result[place:whole:width] = octets[width - 1 - place : whole : width]
    return bytes(result)


@lru_cache(maxsize=4096)
def _vr_of(tag: int) -> bytes:
    """Return the representation of *tag* in the dictionary, nothing where it is not in it."""
    return dictionary_VR(tag).encode() if dictionary_has_tag(tag) else b""
