"""Reads the header of an instance while its octets go by, and keeps no more of them than the header needs."""

from collections.abc import AsyncIterator

from adapters.dicom.encoding import Malformed
from adapters.tables.dicom.reading import Instance, Scan, Span, scan
from gateway.contract.body import Buffer


class Passing:
    """Takes a file in pieces."""

    def __init__(self) -> None:
        self._reading: Scan = scan()
        self._span: Span | None = next(self._reading)
        self._kept = bytearray()
        self._instance: Instance | None = None
        self.size = 0
        """Octets that have come."""

    def take(self, octets: Buffer) -> None:
        """Take the next octets; raises Malformed."""
        start = self.size - len(self._kept)
        self.size += len(octets)
        if self._span is None:
            return
        if self.size <= self._span.first:  # all of it lies before what is needed
            self._kept.clear()
            return
        self._kept += octets
        if start < self._span.first:
            del self._kept[: self._span.first - start]
        self._answer(is_end=False)

    def end(self) -> Instance:
        """Return the instance when all octets have come; raises Malformed."""
        self._answer(is_end=True)
        if self._instance is None:
            raise Malformed("the file ends before its header does")
        return self._instance

    def _answer(self, *, is_end: bool) -> None:
        """Send the octets of each span that has come; at the end of the file what there is of it."""
        while self._span is not None and (is_end or len(self._kept) >= self._span.count):
            first = self.size - len(self._kept)
            skipped = max(0, min(self._span.first - first, len(self._kept)))
            del self._kept[:skipped]
            if not is_end and len(self._kept) < self._span.count:
                return
            octets = bytes(self._kept[: self._span.count])
            del self._kept[: len(octets)]
            try:
                self._span = self._reading.send(octets)
            except StopIteration as done:
                self._instance, self._span = done.value, None
                self._kept.clear()


async def read_passing(chunks: AsyncIterator[Buffer]) -> tuple[Instance, int]:
    """Return the instance, and how many octets the file has. The file is read to its end. Raises Malformed."""
    passing = Passing()
    async for chunk in chunks:
        passing.take(chunk)
    return passing.end(), passing.size
