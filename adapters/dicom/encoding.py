"""The encoding of the elements of a data set, by its transfer syntax (PS3.5 7.1, A)."""

from dataclasses import dataclass, replace
from struct import Struct

IMPLICIT_UID, BIG_ENDIAN_UID = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
GE_PRIVATE_UID = "1.2.840.113619.5.2"
"""A private transfer syntax of General Electric: Implicit VR Little Endian, except for the pixels."""
DEFLATED_UIDS = {"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"}
"""The data set is one raw deflate stream: PS3.5 A.5, A.7 and A.11."""
LONG_VRS = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
"""Value representations with a length of 32 bits (PS3.5 table 7.1-1)."""
SHORT_VRS = frozenset((b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO")) | frozenset(
    (b"LT", b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US")
)
"""Value representations with a length of 16 bits (PS3.5 table 7.1-2)."""
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
MOST_IN_SHORT = 0xFFFE
"""The largest even length in 16 bits."""


class Malformed(Exception):  # noqa: N818  it becomes a Refused
    """The data set is not encoded as its transfer syntax says, or cannot be edited; the text goes into the reason."""


@dataclass(frozen=True, slots=True)
class Header:
    """The octets before the value of an element or of an item: tag, value representation, length."""

    tag: int
    vr: bytes
    """Empty if the encoding does not tell."""
    length: int
    raw: bytes

    @property
    def group(self) -> int:
        """The group number of the tag."""
        return self.tag >> 16

    @property
    def is_undefined(self) -> bool:
        """Whether a delimiter ends the value."""
        return self.length == UNDEFINED


@dataclass(frozen=True, slots=True)
class Encoding:
    """Byte order, and whether value representations are implicit."""

    order: str = "<"
    is_implicit: bool = False

    @property
    def of_unknown(self) -> "Encoding":
        """The encoding of the items in an element of unknown representation (PS3.5 6.2.2)."""
        return IMPLICIT_LITTLE

    def tag_at(self, octets: bytes | bytearray, at: int = 0) -> int:
        """Return the tag at the offset *at*."""
        group, element = _STRUCTS[self.order, "HH"].unpack_from(octets, at)
        return int(group << 16 | element)

    def long_at(self, octets: bytes | bytearray, at: int = 0) -> int:
        """Return the 32-bit number at the offset *at*."""
        return int(_STRUCTS[self.order, "L"].unpack_from(octets, at)[0])

    def short_at(self, octets: bytes | bytearray, at: int = 0) -> int:
        """Return the 16-bit number at the offset *at*."""
        return int(_STRUCTS[self.order, "H"].unpack_from(octets, at)[0])

    def resized(self, header: Header, length: int) -> Header:
        """Return *header*, which has a length of 32 bits, with another length."""
        return replace(header, length=length, raw=header.raw[:-4] + self.packed_long(length))

    def packed_long(self, number: int) -> bytes:
        """Return *number* in 32 bits."""
        return _STRUCTS[self.order, "L"].pack(number)

    def mark(self, tag: int, length: int = 0) -> bytes:
        """Return an item's header, or a delimiter."""
        return self.packed_tag(tag) + self.packed_long(length)

    def packed_tag(self, tag: int) -> bytes:
        """Return the four octets of *tag*."""
        return _STRUCTS[self.order, "HH"].pack(tag >> 16, tag & 0xFFFF)

    def element(self, tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
        """Return the octets of an element; *length* is by default the length of the value."""
        size = len(value) if length is None else length
        if self.is_implicit:
            return self.packed_tag(tag) + self.packed_long(size) + value
        if vr in LONG_VRS:
            return self.packed_tag(tag) + vr + b"\0\0" + self.packed_long(size) + value
        if size > MOST_IN_SHORT:
            raise Malformed("a value to be set is longer than its value representation allows (65,534 octets)")
        return self.packed_tag(tag) + vr + _STRUCTS[self.order, "H"].pack(size) + value


_STRUCTS = {(order, form): Struct(order + form) for order in "<>" for form in ("HH", "L", "H")}


EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG = Encoding(), Encoding(is_implicit=True), Encoding(order=">")


def encoding_of(transfer_syntax: str) -> Encoding:
    """Return the encoding of the elements; compressed instances are Explicit VR Little Endian (PS3.5 A.4)."""
    if transfer_syntax in {IMPLICIT_UID, GE_PRIVATE_UID}:
        return IMPLICIT_LITTLE
    return EXPLICIT_BIG if transfer_syntax == BIG_ENDIAN_UID else EXPLICIT_LITTLE
