"""Whether two data sets have the same content, in whichever of the uncompressed transfer syntaxes each is encoded.

The elements are read piece by piece and written, into a fingerprint, in one form: tag, length, value in little endian;
sequences and items have marks of their own. Differences of the encoding alone do not count: byte order, explicit or
implicit value representations, explicit or implicit ends of sequences, deflation, group lengths (PS3.5 7.2) and
trailing padding (PS3.10 7.2). This takes some microseconds for each element, so it is done only after a conflict.

An implicit encoding does not tell whether a private element is a sequence. An element that begins like a sequence is
read as one, and so is an element of unknown representation (UN). After such a guess a difference proves nothing.
"""

import zlib

from adapters.rest.dicomweb.data_set_reader import DataSetReader, Unreadable
from adapters.rest.dicomweb.file_meta import BIG_ENDIAN, EXPLICIT, IMPLICIT, FileMeta
from adapters.rest.dicomweb.fingerprint import Fingerprint, Mac
from adapters.rest.dicomweb.part_reader import PartReader
from gateway.contract.body import Buffer

DEFLATED = "1.2.840.10008.1.2.1.99"
UNCOMPRESSED = {IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN}
PIECE = 64 * 1024
MAX_INFLATED = 1024 * 1024 * 1024
"""Most octets that a deflated data set may inflate to."""
MAX_INFLATED_AT_ONCE, MAX_ELEMENTS_AT_ONCE = 64 * 1024 * 1024, 100_000
"""Most octets and elements that one piece may inflate to, because this blocks the event loop. 64 KiB of a blank image
inflate to that many octets; 256 KiB of nothing but tiny elements would inflate to 30 million elements."""


class ContentDigest:
    """Computes the fingerprint of the content of a Part 10 file that comes in pieces, with *key* or a new key."""

    def __init__(self, key: bytes | None = None) -> None:
        self._meta = FileMeta()
        self._mac = Mac(key)
        self._reader: DataSetReader | None = None
        self._is_unreadable = False
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)  # PS3.5 A.5: raw deflate
        self._inflated = 0

    @property
    def guessed(self) -> bool:
        """Whether the reader guessed at an element, so that a difference proves nothing."""
        return self._reader is not None and self._reader.guessed

    @property
    def is_instance(self) -> bool:
        """Whether it is a DICOM file, or a data set; known when its data set has begun."""
        return self._meta.is_instance

    def update(self, chunk: Buffer) -> None:
        """Take the next piece."""
        self._feed(chunk if self._meta.passed else self._meta.strip(chunk))

    def _feed(self, octets: Buffer) -> None:
        if self._is_unreadable:
            return
        try:
            self._inflate(octets) if self._meta.transfer_syntax == DEFLATED else self._read(octets)
        except (Unreadable, zlib.error):
            self._is_unreadable = True

    def finish(self) -> Fingerprint | None:
        """Return the fingerprint; None if the data set could not be read to its end."""
        if not self._meta.passed:
            self._feed(self._meta.rest())
        if self._is_unreadable or self._reader is None:
            return None
        try:
            self._reader.receive_end()
        except Unreadable:
            return None
        self._mac.update(self._reader.written)
        return self._mac.finish(self._meta.transfer_syntax)

    def _inflate(self, octets: Buffer) -> None:
        pending = b"" if self._inflater.eof else bytes(octets)
        most = min(MAX_INFLATED, self._inflated + MAX_INFLATED_AT_ONCE)
        elements = self._elements + MAX_ELEMENTS_AT_ONCE
        while True:
            inflated = self._inflater.decompress(pending, PIECE)
            self._inflated += len(inflated)
            self._read(inflated)
            if self._inflated > most or self._elements > elements:
                raise Unreadable
            pending = self._inflater.unconsumed_tail
            if len(inflated) < PIECE and not pending:
                return

    @property
    def _elements(self) -> int:
        return 0 if self._reader is None else self._reader.elements

    def _read(self, octets: Buffer) -> None:
        if not self._meta.passed:
            return
        if not self._meta.transfer_syntax:
            raise Unreadable
        self._reader = self._reader or DataSetReader(self._meta.transfer_syntax)
        self._reader.receive_data(octets)
        if len(self._reader.written) >= PIECE:
            self._mac.update(bytes(self._reader.written))
            self._reader.written.clear()


class ContentComparison:
    """Compares the content of a retrieved instance with *expected*, the fingerprint of a `ContentDigest`."""

    def __init__(self, expected: Fingerprint) -> None:
        self._expected = expected
        self._digest = ContentDigest(expected.key)
        self._part = PartReader(self._digest.update)
        self.is_instance = False
        """After `is_same()`: whether the reply was a whole DICOM file, which tells what the store holds."""

    def update(self, piece: bytes) -> bool:
        """Take the next piece of the reply; False when no more is needed."""
        self._part.update(piece)
        return True

    @property
    def guessed(self) -> bool:
        """Whether the reader guessed at an element of the retrieved instance."""
        return self._digest.guessed

    def is_same(self) -> bool | None:
        """Whether the contents are the same; None if the retrieved instance could not be read to its end."""
        ended = self._part.finish()
        found = self._digest.finish()
        self.is_instance = self._digest.is_instance and ended
        return None if found is None or not ended else found == self._expected
