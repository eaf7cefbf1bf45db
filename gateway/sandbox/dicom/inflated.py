"""Limits for reading data sets: they are inflated on the disk up to a limit, and their number of elements is limited.

A deflated data set of some hundred kilobytes (PS3.5 A.5) may inflate to a thousand times its size, and pydicom keeps
some hundred octets for each element, however short it is: 0.7 MB took 1.5 GB of memory.
"""

import io
import zlib
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

MAX_INFLATED = 256 * 1024 * 1024
PIECE = 64 * 1024
MAX_READS = 200_000
OCTETS_A_READ = 4096


class TooLargeError(ValueError):
    """A data set exceeds the limit of inflated octets or of elements."""


class MeteredFile(io.BufferedReader):
    """A file that limits how many elements pydicom can read: it calls :meth:`read` at least once for each element."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(io.FileIO(file.fileno(), closefd=False))
        self._file = file
        self.size = file.seek(0, io.SEEK_END)
        file.seek(0)
        self._left = MAX_READS + self.size // OCTETS_A_READ  # encapsulated pixels are read in pieces

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to *size* octets."""
        self._left -= 1
        if self._left < 0:
            raise TooLargeError
        return super().read(size)

    def close(self) -> None:
        """Close this file and the underlying one."""
        super().close()
        self._file.close()


def inflate(path: Path, offset: int) -> BinaryIO:
    """Inflate *path* from *offset* on into a temporary file without a name; raises TooLargeError and zlib.error."""
    inflated = TemporaryFile(dir=path.parent)  # noqa: SIM115  the caller closes it
    try:
        with path.open("rb") as file:
            file.seek(offset)
            _inflate_into(inflated, file)
    except BaseException:
        inflated.close()
        raise
    return inflated


def _inflate_into(inflated: BinaryIO, deflated: BinaryIO) -> None:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pending = b""
    while not inflater.eof and (pending := pending or deflated.read(PIECE)):
        inflated.write(inflater.decompress(pending, PIECE))
        if inflated.tell() > MAX_INFLATED:
            raise TooLargeError
        pending = inflater.unconsumed_tail
    inflated.write(inflater.flush())
    if not inflater.eof:
        raise zlib.error
