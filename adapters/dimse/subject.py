"""The patient and study of an instance, read from the first octets of its Part 10 file. For the audit trail only.

A data set is sorted by tag (PS3.5 7.1), so Patient's Name, Patient ID and Study Instance UID stand near its beginning.
They are found without decoding anything else; sequences before them are skipped, or read through where their length is
undefined. A deflated data set and any length that does not fit end the search: nothing is guessed.
"""

import warnings
from collections.abc import Iterator
from struct import Struct

from pydicom.charset import convert_encodings, decode_bytes

from gateway.contract.message import Subject

CHARACTER_SET, PATIENT_NAME, PATIENT_ID, STUDY = (0x0008, 0x0005), (0x0010, 0x0010), (0x0010, 0x0020), (0x0020, 0x000D)
WANTED = (CHARACTER_SET, PATIENT_NAME, PATIENT_ID, STUDY)
ITEM, ITEM_END, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
IMPLICIT, BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
WITH_RESERVED = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
"""Value representations with a length of 32 bits (PS3.5 table 7.1-1)."""
UNDEFINED = 0xFFFFFFFF
NOBODY = Subject()
MOST_OCTETS = 256  # a longer value is no patient identifier (PS3.5 6.2: LO 64, PN 3 x 64 characters)


def subject_of(part10: bytes, transfer_syntax: str) -> Subject:
    """Return the patient and study of the file that begins with *part10*. Never raises."""
    if transfer_syntax == DEFLATED or part10[128:132] != b"DICM" or len(part10) < 144:
        return NOBODY
    start = 144 + int.from_bytes(part10[140:144], "little")  # (0002,0000) is first
    values = {tag: value for tag, value in _elements(part10, start, transfer_syntax) if len(value) <= MOST_OCTETS}
    encodings = _encodings(values.get(CHARACTER_SET, b""))
    return Subject(
        _text(values.get(PATIENT_ID, b""), encodings),
        _text(values.get(PATIENT_NAME, b""), encodings),
        values.get(STUDY, b"").rstrip(b"\0 ").decode("ascii", "replace"),
    )


def _elements(data: bytes, offset: int, transfer_syntax: str) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield the wanted elements at the top level of the data set."""
    header = header_for(transfer_syntax)
    depth = 0  # of sequences and items of undefined length
    while offset + 12 <= len(data):
        tag, length, offset = header.read(data, offset)
        if tag in (ITEM_END, SEQUENCE_END):
            depth -= 1
        elif length == UNDEFINED:
            depth += 1
            continue
        if (depth == 0 and STUDY < tag < ITEM) or depth < 0 or offset + length > len(data):
            return
        if depth == 0 and tag in WANTED:
            yield tag, data[offset : offset + length]
        offset += length


class ElementHeader:
    """Reads the tag and the length of an element (PS3.5 7.1, 7.5)."""

    def __init__(self, order: str, *, is_explicit: bool) -> None:
        self._tag, self._long, self._short = Struct(order + "HH"), Struct(order + "L"), Struct(order + "H")
        self._is_explicit = is_explicit

    def read(self, data: bytes, offset: int) -> tuple[tuple[int, int], int, int]:
        """Return tag, length, and where the value begins; 12 octets must be there."""
        group, element = self._tag.unpack_from(data, offset)
        if not self._is_explicit or group == ITEM[0]:
            return (group, element), self._long.unpack_from(data, offset + 4)[0], offset + 8
        if data[offset + 4 : offset + 6] in WITH_RESERVED:
            return (group, element), self._long.unpack_from(data, offset + 8)[0], offset + 12
        return (group, element), self._short.unpack_from(data, offset + 6)[0], offset + 8


def header_for(transfer_syntax: str) -> ElementHeader:
    """Return the reader of element headers for a data set in this transfer syntax."""
    return ElementHeader(">" if transfer_syntax == BIG_ENDIAN else "<", is_explicit=transfer_syntax != IMPLICIT)


def _encodings(value: bytes) -> list[str]:
    names = value.decode("ascii", "replace").strip(" \0").split("\\")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns about odd names and quotes them
        try:
            return list(convert_encodings([name.strip() for name in names]))
        except (LookupError, ValueError):
            return ["iso8859"]


def _text(value: bytes, encodings: list[str]) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # likewise
        try:
            return decode_bytes(value, encodings, set(b"=^\\")).strip(" \0")
        except (LookupError, ValueError):
            return value.decode("latin-1").strip(" \0")
