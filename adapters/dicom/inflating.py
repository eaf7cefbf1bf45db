"""Inflates a deflated data set (PS3.5 A.5) piece by piece, up to a limit."""

import zlib
from collections.abc import Iterator

from adapters.dicom.encoding import Malformed
from gateway.contract.body import Buffer

PIECE = 64 * 1024
MAX_INFLATED = 1024 * 1024 * 1024
"""Most octets that a deflated data set may inflate to."""


class Inflater:
    """Inflates one raw deflate stream."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
        self._inflated = 0

    def receive_data(self, octets: Buffer) -> Iterator[bytes]:
        """Take the next octets; yield the inflated octets in pieces. Octets after the stream are padding."""
        pending = bytes(octets)
        while not self._zlib.eof:
            try:
                inflated = self._zlib.decompress(pending, PIECE)
            except zlib.error:
                raise Malformed("the deflated data set cannot be inflated") from None
            self._inflated += len(inflated)
            if self._inflated > MAX_INFLATED:
                raise Malformed("the deflated data set inflates to more than 1 GiB")
            yield inflated
            pending = self._zlib.unconsumed_tail
            if len(inflated) < PIECE and not pending:
                return

    def receive_end(self) -> None:
        """Take the end of the octets; raise Malformed if the stream is incomplete."""
        if not self._zlib.eof:
            raise Malformed("the deflated data set ends too early")
