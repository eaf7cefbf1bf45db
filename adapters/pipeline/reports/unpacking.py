"""The octets of a file, piece by piece; unpacked if it is compressed with gzip (RFC 1952), within a limit."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

GZIP = b"\x1f\x8b"
PIECE = 64 * 1024
MOST_TIMES = 200
"""How many times larger than the file its text may be: CSV of reports becomes some ten times smaller, deflate can do
1,032 times."""
ALWAYS_FINE = 16 * 1024 * 1024
"""Octets below which the times do not matter."""


class UnreadableError(Exception):
    """The file cannot be read. The text has the reason, and nothing of the file."""


def octets(file: BinaryIO, most: int) -> Iterator[bytes]:
    """Yield the octets of *file* from its beginning; raises UnreadableError."""
    file.seek(0)
    first = file.read(PIECE)
    if not first.startswith(GZIP):
        while first:
            yield first
            first = file.read(PIECE)
        return
    yield from _unpacked(first, file, most)


def _unpacked(packed: bytes, file: BinaryIO, most: int) -> Iterator[bytes]:
    read, made = len(packed), 0
    member = zlib.decompressobj(wbits=31)
    while packed or not member.eof:
        try:
            piece = member.decompress(packed, PIECE)
        except zlib.error:
            raise UnreadableError("it is no sound gzip file; write it anew") from None
        made += len(piece)
        if made > most or made > max(ALWAYS_FINE, MOST_TIMES * read):
            raise UnreadableError("it unpacks to far more than it holds; write it anew, or send it unpacked")
        if piece:
            yield piece
        packed = member.unused_data if member.eof else member.unconsumed_tail
        if not packed and len(piece) < PIECE:  # a full piece may not be all that there is
            packed = file.read(PIECE)
            read += len(packed)
            if not packed and not member.eof:
                raise UnreadableError("it is a gzip file that ends too early; write it anew")
        if member.eof and packed:
            member = zlib.decompressobj(wbits=31)  # RFC 1952 2.2: a file may have several members
