"""JPEG and JPEG-LS codestreams (ITU-T T.81 B.1, T.87 C.1): segments that are no image are left out."""

import re

from adapters.deidentify.errors import HeldBackError

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
APP0, APP8, APP14, APP15, COM = 0xE0, 0xE8, 0xEE, 0xEF, 0xFE
RESTARTS = range(0xD0, 0xD8)
JPEG_LS, LSE = 0xF7, 0xF8
IMAGE = frozenset((*range(0xC0, 0xC8), *range(0xC9, 0xD0), *range(SOS, 0xE0), JPEG_LS, LSE))
"""Frames, tables, scans (T.81 table B.1, T.87 table C.1). Others are extensions: nobody knows what they hold."""
JFIF, ADOBE, SPIFF = b"JFIF\0", b"Adobe", b"SPIFF\0"
END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""A marker that is neither a stuffed octet nor a restart (T.81 B.1.1.2, B.1.1.5); the octets FF before it are fill."""
END_OF_SCAN_LS = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")
"""Likewise in JPEG-LS, where an octet is stuffed if its first bit is 0 (T.87 A.1)."""
NOT_JPEG = "one of its frames is no JPEG codestream"


def cleaned(frame: bytes) -> bytes:
    """Return a codestream without comments, application data and what follows its end.

    JFIF's density, Adobe's colour transformation and SPIFF's header stay, because decoders use them. Raises
    HeldBackError if the octets are no codestream.
    """
    if frame[:2] != b"\xff\xd8":
        raise HeldBackError(NOT_JPEG)
    parts = [frame[:2]]
    at, is_ls = 2, False
    while True:
        at, marker = _marker(frame, at)
        if marker == EOI:
            parts.append(b"\xff\xd9")
            return b"".join(parts)
        if marker in RESTARTS or marker == SOI or at + 2 > len(frame):
            raise HeldBackError(NOT_JPEG)
        length = int.from_bytes(frame[at : at + 2])
        segment = frame[at : at + length]
        if length < 2 or len(segment) < length:
            raise HeldBackError(NOT_JPEG)
        at += length
        is_ls = is_ls or marker == JPEG_LS
        kept = _kept(marker, segment)
        if kept is not None:
            parts += [bytes((0xFF, marker)), kept]
        if marker == SOS:
            end = _end_of_scan(frame, at, is_ls=is_ls)
            parts.append(frame[at:end])
            at = end


def _marker(frame: bytes, at: int) -> tuple[int, int]:
    """Return where the marker at *at* ends, and the marker; fill octets before it are allowed (T.81 B.1.1.2)."""
    if frame[at : at + 1] != b"\xff":
        raise HeldBackError(NOT_JPEG)
    while frame[at : at + 1] == b"\xff":
        at += 1
    if at >= len(frame) or frame[at] == 0:
        raise HeldBackError(NOT_JPEG)
    return at + 1, frame[at]


def _kept(marker: int, segment: bytes) -> bytes | None:
    """Return a segment as it stays, None if it is left out."""
    if marker == APP0 and segment[2:7] == JFIF and len(segment) >= 16:
        return (16).to_bytes(2) + segment[2:14] + b"\0\0"  # without its thumbnail
    if marker == APP14 and segment[2:7] == ADOBE and len(segment) >= 14:
        return (14).to_bytes(2) + segment[2:14]
    if marker == APP8 and segment[2:8] == SPIFF:
        return segment if len(segment) <= 32 else None
    if APP0 <= marker <= APP15 or marker == COM:
        return None
    if marker not in IMAGE:
        raise HeldBackError("one of its frames has a segment that is not known here")
    return segment


def _end_of_scan(frame: bytes, at: int, *, is_ls: bool) -> int:
    """Return where the entropy-coded octets that begin at *at* end: at the next marker but for restarts."""
    found = (END_OF_SCAN_LS if is_ls else END_OF_SCAN).search(frame, at)
    if found is None:
        raise HeldBackError("one of its frames ends before its image does")
    return found.start()
