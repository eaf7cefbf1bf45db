"""JPEG 2000 codestreams (ITU-T T.800 A.4): comments, and the boxes of a JP2 file, are left out."""

from adapters.deidentify.errors import HeldBackError

SOC, SOT, SOD, EOC, COM, TLM, PLM = 0xFF4F, 0xFF90, 0xFF93, 0xFFD9, 0xFF64, 0xFF55, 0xFF57
SIZ = 0xFF51
KNOWN = frozenset(0xFF00 | each for each in (0x50, 0x51, 0x52, 0x53, 0x56, 0x58, 0x59, 0x5C, 0x5D, 0x5E, 0x5F, 0x60,
                                             0x61, 0x63))  # fmt: skip
"""Those of T.800 table A.2 and of T.814 but comments, and lengths of tile parts and packets in a main header."""
NOT_JPEG2000 = "one of its frames is no JPEG 2000 codestream"
SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"


def cleaned(frame: bytes) -> bytes:
    """Return the bare codestream without comments, and without what follows its end. Raises HeldBackError."""
    if frame.startswith(SIGNATURE):
        frame = _contained(frame)
    if frame[:4] != b"\xff\x4f\xff\x51":
        raise HeldBackError(NOT_JPEG2000)
    parts, at = [frame[:2]], 2
    at = _header(frame, at, parts, SOT)
    while True:
        marker = int.from_bytes(frame[at : at + 2])
        if marker == EOC:
            parts.append(b"\xff\xd9")
            return b"".join(parts)
        if marker != SOT or at + 12 > len(frame):
            raise HeldBackError(NOT_JPEG2000)
        at = _tile_part(frame, at, parts)


def _header(frame: bytes, at: int, parts: list[bytes], end: int) -> int:
    """Add the marker segments from *at* up to the marker *end*; return where that is."""
    while True:
        marker, length = int.from_bytes(frame[at : at + 2]), int.from_bytes(frame[at + 2 : at + 4])
        if marker == end:
            return at
        if marker < 0xFF00 or length < 2 or at + 2 + length > len(frame) or marker in {SOD, EOC, SOT}:
            raise HeldBackError(NOT_JPEG2000)
        # Lengths of tile parts and packets may be wrong afterwards, and are optional (T.800 A.7).
        if marker not in {COM, TLM, PLM, *KNOWN}:
            raise HeldBackError("one of its frames has a marker segment that is not known here")
        if marker in KNOWN:
            parts.append(frame[at : at + 2 + length])
        at += 2 + length


def _tile_part(frame: bytes, at: int, parts: list[bytes]) -> int:
    """Add the tile part at *at*, with its new length; return where it ends."""
    length = int.from_bytes(frame[at + 6 : at + 10])
    # A length of 0 is that of the last tile part: it goes up to the end of the codestream (T.800 A.4.2).
    end = at + length if length else 0
    if end > len(frame) or (length and length < 14):
        raise HeldBackError(NOT_JPEG2000)
    header: list[bytes] = []
    data = _header(frame, at + 12, header, SOD)
    end = end or _last_end(frame, data)
    if data > end:
        raise HeldBackError(NOT_JPEG2000)
    body = b"".join(header) + frame[data:end]
    size = 12 + len(body) if length else 0
    parts += [frame[at : at + 6], size.to_bytes(4), frame[at + 10 : at + 12], body]
    return end


def _last_end(frame: bytes, at: int) -> int:
    """Return where the EOC behind *at* is: no coded octets look like one, but the number in an SOP segment may."""
    while (at := frame.find(b"\xff\xd9", at)) >= 0:
        if frame[at - 4 : at] != b"\xff\x91\0\4":
            return at
        at += 2
    raise HeldBackError(NOT_JPEG2000)


def _contained(frame: bytes) -> bytes:
    """Return the codestream in a JP2 file (T.800 I.4)."""
    at = 0
    while at + 8 <= len(frame):
        length, kind, start = int.from_bytes(frame[at : at + 4]), frame[at + 4 : at + 8], at + 8
        if length == 1:
            length, start = int.from_bytes(frame[at + 8 : at + 16]), at + 16
        end = len(frame) if length == 0 else at + length
        if end < start or end > len(frame):
            break
        if kind == b"jp2c":
            return frame[start:end]
        at = end
    raise HeldBackError(NOT_JPEG2000)
