"""Reads octets that come in pieces as if all were there: a generator yields when it needs more."""

from collections.abc import Callable, Generator
from typing import TypeVar

from adapters.dicom.encoding import LONG_VRS, SHORT_VRS, Encoding, Header, Malformed
from gateway.contract.body import Buffer

T = TypeVar("T")
Reading = Generator[None, None, T]
CUT = "the data set ends in the middle of an element"
PIECE = 64 * 1024


class Source:
    """The received octets that are not read yet. Its methods yield until there are enough, or raise Malformed."""

    def __init__(self) -> None:
        self.position = 0
        """Octets that have been read."""
        self.is_ended = False
        self._kept: bytearray | None = None
        self._most_kept, self._too_much = 0, ""
        self._octets = bytearray()
        self._at = 0

    def feed(self, octets: Buffer) -> None:
        """Add the next octets."""
        if self._at:
            del self._octets[: self._at]
            self._at = 0
        self._octets += octets

    @property
    def ready(self) -> int:
        """Octets that can be read without waiting."""
        return len(self._octets) - self._at

    def has_more(self) -> Reading[bool]:
        """Whether another octet follows."""
        while not self.ready:
            if self.is_ended:
                return False
            yield
        return True

    def peek(self, size: int) -> Reading[bytes]:
        """Return the next *size* octets without reading them; fewer at the end."""
        while self.ready < size and not self.is_ended:
            yield
        return bytes(self._octets[self._at : self._at + size])

    def take(self, size: int) -> Reading[bytes]:
        """Read *size* octets."""
        while self.ready < size:
            if self.is_ended:
                raise Malformed(CUT)
            yield
        return self._read(size)

    def piece(self, most: int) -> Reading[bytes]:
        """Read the octets that are there, at least one and at most *most*."""
        if not (yield from self.has_more()):
            raise Malformed(CUT)
        return self._read(min(most, self.ready, PIECE))

    def _read(self, size: int) -> bytes:
        octets = bytes(memoryview(self._octets)[self._at : self._at + size])
        self._at += size
        self.position += size
        if self._kept is not None:
            self._kept += octets
            if len(self._kept) > self._most_kept:
                raise Malformed(self._too_much)
        return octets

    def keep(self, most: int, reason: str) -> bytearray:
        """Return a buffer that gets a copy of all octets read from now on; more than *most* raise Malformed."""
        self._kept, self._most_kept, self._too_much = bytearray(), most, reason
        return self._kept

    def keep_no_more(self) -> None:
        """Stop the copying that :meth:`keep` began."""
        self._kept = None

    def run(self, end: Callable[[bytearray, int], int]) -> bytes:
        """Read up to the place that *end* returns; its arguments are the buffer and the current place in it."""
        return self._read(end(self._octets, self._at) - self._at)

    def rest(self) -> bytes:
        """Read all octets that are there."""
        return self._read(self.ready)

    def header(self, encoding: Encoding) -> Reading[Header]:
        """Read the header of an element or item (PS3.5 7.1.2, 7.1.3, 7.5)."""
        raw = yield from self.take(8)
        tag = encoding.tag_at(raw)
        if encoding.is_implicit or tag >> 16 == 0xFFFE:
            return Header(tag, b"", encoding.long_at(raw, 4), raw)
        vr = raw[4:6]
        if vr in SHORT_VRS:
            return Header(tag, vr, encoding.short_at(raw, 6), raw)
        if not (vr.isalpha() and vr.isupper()):
            raise Malformed("an element has no value representation although the transfer syntax is explicit")
        # PS3.5 7.1.2: future value representations have a length of 32 bits, after two octets that are zero.
        if vr not in LONG_VRS and raw[6:] != b"\0\0":
            return Header(tag, vr, encoding.short_at(raw, 6), raw)
        raw += yield from self.take(4)
        return Header(tag, vr, encoding.long_at(raw, 8), raw)
