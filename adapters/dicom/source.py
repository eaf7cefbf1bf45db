"""Octets that come in pieces and are read as if they were there: a generator waits where more are needed."""

from collections.abc import Callable, Generator
from typing import TypeVar

from adapters.dicom.encoding import LONG_VRS, SHORT_VRS, Encoding, Header, Malformed
from gateway.contract.body import Buffer

T = TypeVar("T")
Reading = Generator[None, None, T]
CUT = "the data set ends in the middle of an element"
PIECE = 64 * 1024


class Source:
    """What has come and is not read yet. Its methods yield until there is enough, or raise Malformed at the end."""

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
        """Octets that can be read at once."""
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
        """Read what is there, between one octet and *most*."""
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
        """Return what gets a copy of all that is read from now on; more than *most* is Malformed for *reason*."""
        self._kept, self._most_kept, self._too_much = bytearray(), most, reason
        return self._kept

    def keep_no_more(self) -> None:
        """End what :meth:`keep` began."""
        self._kept = None

    def run(self, end: Callable[[bytearray, int], int]) -> bytes:
        """Read up to the place that *end* tells, from the octets that are there and the place to begin at."""
        return self._read(end(self._octets, self._at) - self._at)

    def rest(self) -> bytes:
        """Read all that is there."""
        return self._read(self.ready)

    def header(self, encoding: Encoding) -> Reading[Header]:
        """Read what stands before a value (PS3.5 7.1.2, 7.1.3, 7.5)."""
        raw = yield from self.take(8)
        tag = encoding.tag_at(raw)
        if encoding.is_implicit or tag >> 16 == 0xFFFE:
            return Header(tag, b"", encoding.long_at(raw, 4), raw)
        vr = raw[4:6]
        if vr in SHORT_VRS:
            return Header(tag, vr, encoding.short_at(raw, 6), raw)
        if not (vr.isalpha() and vr.isupper()):
            raise Malformed("an element has no value representation although the transfer syntax is explicit")
        # PS3.5 7.1.2: representations to come have a length of 32 bits, behind two octets that are zero.
        if vr not in LONG_VRS and raw[6:] != b"\0\0":
            return Header(tag, vr, encoding.short_at(raw, 6), raw)
        raw += yield from self.take(4)
        return Header(tag, vr, encoding.long_at(raw, 8), raw)
