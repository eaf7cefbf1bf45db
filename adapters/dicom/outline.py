"""Makes the outline of a DICOM instance: each element of its data set by tag and keyword, with its length."""

from collections.abc import Iterator
from itertools import islice

from adapters.dicom.dictionary import keyword_of
from adapters.dicom.encoding import Malformed
from adapters.dicom.file_meta import read
from adapters.dicom.subject import DEFLATED, IMPLICIT, ITEM_END, SEQUENCE_END, UNDEFINED, header_for
from gateway.contract.outline import MOST_PARTS, Part

SHORTEST = 12
"""Octets that an element has at least, or that its header needs."""
VRS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split()
)
"""The value representations of PS3.5 table 6.2-1: other octets in their place are not shown."""


def outline(part10: bytes) -> list[Part]:
    """Return the outline of the instance whose file begins with *part10*: the top level of its data set."""
    try:
        meta = read(part10, is_whole=True)
        transfer_syntax = DEFLATED if meta is None else meta.transfer_syntax
    except Malformed:
        return []
    if meta is None or transfer_syntax == DEFLATED:
        return []
    return list(islice(_parts(part10, len(meta.raw), transfer_syntax), MOST_PARTS))


def _parts(data: bytes, offset: int, transfer_syntax: str) -> Iterator[Part]:
    header = header_for(transfer_syntax)
    open_part: tuple[tuple[int, int], str, int] | None = None
    depth = 0  # of sequences and items of undefined length
    while offset + SHORTEST <= len(data):
        start = offset
        tag, length, offset = header.read(data, offset)
        vr = "" if transfer_syntax == IMPLICIT else _vr(data[start + 4 : start + 6])
        if tag in (ITEM_END, SEQUENCE_END):
            depth -= 1
            if depth == 0 and open_part is not None:
                yield _part(*open_part[:2], start - open_part[2])
                open_part = None
        elif length == UNDEFINED:
            if depth == 0:
                open_part = tag, vr, offset
            depth += 1
            continue
        elif depth == 0:
            yield _part(tag, vr, length)
        if depth < 0:
            return
        offset += length


def _part(tag: tuple[int, int], vr: str, octets: int) -> Part:
    return Part(f"({tag[0]:04x},{tag[1]:04x})", keyword_of(tag[0] << 16 | tag[1]), octets, vr)


def _vr(octets: bytes) -> str:
    return octets.decode() if octets in VRS else ""
