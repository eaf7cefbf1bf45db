"""Undoes Snappy, in which DuckDB compresses pages.

The format: https://github.com/google/snappy/blob/main/format_description.txt
"""

LITERAL = 0


class SnappyError(ValueError):
    """The octets are not what Snappy writes."""


def decompressed(octets: bytes, most: int) -> bytes:
    """Return what *octets* say; raises SnappyError, also if that has more than *most* octets."""
    try:
        length, at = _length(octets)
        if length > most:
            raise SnappyError("it is longer than its head says")
        made = bytearray()
        while at < len(octets) and len(made) <= length:
            at = _literal(octets, at, made) if octets[at] & 3 == LITERAL else _copy(octets, at, made)
    except IndexError:
        raise SnappyError("it ends in the middle") from None
    if len(made) != length:
        raise SnappyError("it has another length than it says")
    return bytes(made)


def _length(octets: bytes) -> tuple[int, int]:
    length = shift = at = 0
    while True:
        length |= (octets[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if octets[at - 1] < 0x80:
            return length, at
        if shift > 28:
            raise SnappyError("its length is no length")


def _literal(octets: bytes, at: int, made: bytearray) -> int:
    length, at = octets[at] >> 2, at + 1
    if length >= 60:
        size = length - 59
        length, at = int.from_bytes(octets[at : at + size], "little"), at + size
    made += octets[at : at + length + 1]
    return at + length + 1


def _copy(octets: bytes, at: int, made: bytearray) -> int:
    """Take again what was made before: it may overlap with what it makes."""
    tag = octets[at]
    if tag & 3 == 1:
        length, offset, at = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | octets[at + 1], at + 2
    else:
        size = 2 if tag & 3 == 2 else 4
        length, offset, at = (tag >> 2) + 1, int.from_bytes(octets[at + 1 : at + 1 + size], "little"), at + 1 + size
    if not 0 < offset <= len(made):
        raise SnappyError("it refers to what is not there")
    again = bytes(made[-offset:]) if offset <= length else bytes(made[-offset : len(made) - offset + length])
    made += (again * (length // len(again) + 1))[:length]
    return at
