"""The size of an image by its own codestream, which decoders follow whatever the header of the instance says.

What stands before the first scan is read strictly: gdcm ends the whole process at some codestreams that are damaged
there.
"""

from typing import NamedTuple

START_OF_IMAGE, START_OF_CODESTREAM, SIZE = b"\xff\xd8", b"\xff\x4f", b"\xff\x51"
BOXES = b"\x00\x00\x00\x0cjP  "
"""How a JP2 file begins (ISO 15444-1 I.5.1), which some systems write in place of a bare codestream."""
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
"""Markers of a frame header (ISO 10918-1 B.1.1.3, ISO 14495-1 C.1.1)."""
JPEG_LS, HUFFMAN, SCAN = 0xF7, 0xC4, 0xDA
OTHERS = frozenset({HUFFMAN, 0xCC, 0xDB, 0xDD, 0xF8, 0xFE}) | frozenset(range(0xE0, 0xF0))
"""Markers of tables, restart intervals, applications and comments, which may stand before a scan."""


class Size(NamedTuple):
    """What a codestream says."""

    rows: int
    columns: int
    samples: int
    bits: int
    """Of one sample."""


def size_of(frame: bytes) -> Size | None:
    """Return the size that a compressed frame says it has; None if it is neither JPEG, JPEG-LS nor JPEG 2000."""
    if frame.startswith(START_OF_IMAGE):
        return _of_jpeg(frame)
    start = frame.find(START_OF_CODESTREAM + SIZE) if frame.startswith((START_OF_CODESTREAM, BOXES)) else -1
    return None if start < 0 else _of_jpeg_2000(frame[start + 4 :])


def _of_jpeg(frame: bytes) -> Size | None:
    """Return the size if what stands before the first scan is as the standards have it."""
    at, size, has_tables = 2, None, False
    while at + 4 <= len(frame) and frame[at] == 0xFF:
        marker, length = frame[at + 1], _number(frame, at + 2, 2)
        if marker == 0xFF:  # a fill byte (ISO 10918-1 B.1.1.2)
            at += 1
            continue
        segment = frame[at + 4 : at + 2 + length]
        if length < 2 or len(segment) != length - 2:
            return None
        if marker == SCAN:
            return size if has_tables and size is not None and segment[:1] == bytes([size.samples]) else None
        if marker in FRAMES:
            if size is not None or len(segment) < 6:
                return None
            size = Size(_number(segment, 1, 2), _number(segment, 3, 2), segment[5], segment[0])
        elif marker not in OTHERS:
            return None
        has_tables = has_tables or marker in {HUFFMAN, JPEG_LS}
        at += 2 + length
    return None


def _of_jpeg_2000(segment: bytes) -> Size | None:
    """Return the size by what follows the marker SIZ (ISO 15444-1 A.5.1)."""
    if len(segment) < 39:
        return None
    right, bottom, left, top = (_number(segment, at, 4) for at in (4, 8, 12, 16))
    return Size(bottom - top, right - left, _number(segment, 36, 2), (segment[38] & 0x7F) + 1)


def _number(octets: bytes, at: int, length: int) -> int:
    return int.from_bytes(octets[at : at + length], "big")
