"""The size of an image by its own codestream, which decoders follow whatever the header of the instance says."""

from typing import NamedTuple

START_OF_IMAGE, START_OF_CODESTREAM, SIZE = b"\xff\xd8", b"\xff\x4f", b"\xff\x51"
BOXES = b"\x00\x00\x00\x0cjP  "
"""How a JP2 file begins (ISO 15444-1 I.5.1), which some systems write in place of a bare codestream."""
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
"""Markers of a frame header (ISO 10918-1 B.1.1.3, ISO 14495-1 C.1.1)."""
ALONE = frozenset(range(0xD0, 0xD9)) | {0x01}
"""Markers without a length."""
SCAN = 0xDA


class Size(NamedTuple):
    """What a codestream says."""

    rows: int
    columns: int
    samples: int


def size_of(frame: bytes) -> Size | None:
    """Return the size that a compressed frame says it has; None if it is neither JPEG, JPEG-LS nor JPEG 2000."""
    if frame.startswith(START_OF_IMAGE):
        return _of_jpeg(frame)
    start = frame.find(START_OF_CODESTREAM + SIZE) if frame.startswith((START_OF_CODESTREAM, BOXES)) else -1
    return None if start < 0 else _of_jpeg_2000(frame[start + 4 :])


def _of_jpeg(frame: bytes) -> Size | None:
    at = 2
    while at + 10 <= len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker == 0xFF:  # a fill byte (ISO 10918-1 B.1.1.2)
            at += 1
        elif marker in ALONE:
            at += 2
        elif marker in FRAMES:
            return Size(_number(frame, at + 5, 2), _number(frame, at + 7, 2), frame[at + 9])
        elif marker == SCAN:
            return None
        else:
            at += 2 + _number(frame, at + 2, 2)
    return None


def _of_jpeg_2000(segment: bytes) -> Size | None:
    """Return the size by what follows the marker SIZ (ISO 15444-1 A.5.1)."""
    if len(segment) < 38:
        return None
    right, bottom, left, top = (_number(segment, at, 4) for at in (4, 8, 12, 16))
    return Size(bottom - top, right - left, _number(segment, 36, 2))


def _number(octets: bytes, at: int, length: int) -> int:
    return int.from_bytes(octets[at : at + length], "big")
