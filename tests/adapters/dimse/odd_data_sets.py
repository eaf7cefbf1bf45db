"""Odd data sets as peers send them, each with what the listener answers to it."""

import struct
import zlib

from tests.adapters.dimse.raw_peer import CT, EXPLICIT, IMPLICIT
from tests.dicom_files import shipped

BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
MR = "1.2.840.10008.5.1.4.1.1.4"
JPEG = "1.2.840.10008.1.2.4.50"
UNDEFINED = 0xFFFFFFFF
LONG = {b"OB", b"OW", b"SQ", b"UN", b"UT"}  # of those used here: a length of 32 bits (PS3.5 table 7.1-1)
UID = "1.2.3"
STORED, MISMATCH = "0000", "A900"


def element(tag: int, vr: bytes, value: bytes, order: str = "<", length: int | None = None) -> bytes:
    """Return an explicit element; *length* is what it says where that is another."""
    form = "HH2sxxL" if vr in LONG else "HH2sH"
    return struct.pack(order + form, tag >> 16, tag & 0xFFFF, vr, len(value) if length is None else length) + value


def implicit(tag: int, value: bytes) -> bytes:
    """Return an implicit element."""
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(value)) + value


def uid(tag: int, text: str, order: str = "<") -> bytes:
    """Return a UID, padded as PS3.5 9.1 says."""
    return element(tag, b"UI", text.encode() + b"\0" * (len(text) % 2), order)


def item(content: bytes) -> bytes:
    """Return an item of undefined length (PS3.5 7.5.1)."""
    return struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED) + content + struct.pack("<HHL", 0xFFFE, 0xE00D, 0)


def sequence(tag: int, *contents: bytes, end: bytes = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)) -> bytes:
    """Return a sequence of undefined length."""
    return element(tag, b"SQ", b"".join(map(item, contents)), length=UNDEFINED) + end if contents else b""


def nested(depth: int) -> bytes:
    """Return a sequence in a sequence and so on."""
    inner = uid(0x00081150, "1.2.3")
    for _ in range(depth):
        inner = sequence(0x00081140, inner)
    return inner


def names(instance: str = UID, order: str = "<") -> bytes:
    """Return SOP class and SOP instance."""
    return uid(0x00080016, CT, order) + uid(0x00080018, instance, order)


REST = uid(0x0020000D, "1.2.3") + uid(0x0020000E, "1.2.3.4")
PIXELS = element(0x7FE00010, b"OW", bytes(64))
PLAIN = names() + REST + PIXELS
DEFLATE = zlib.compressobj(wbits=-15)
DEFLATED_PLAIN = DEFLATE.compress(PLAIN) + DEFLATE.flush()
PART10 = shipped("CT_small.dcm").read_bytes()

ODD_DATA_SETS: dict[str, tuple[str, bytes, str]] = {
    # Nothing, too little, too much.
    "nothing": (EXPLICIT, b"", STORED),
    "one octet": (EXPLICIT, b"\0", STORED),
    "an odd number of octets": (EXPLICIT, PLAIN + b"\0", STORED),
    "no DICOM": (EXPLICIT, b"hello, world", STORED),
    "Data Set Trailing Padding": (EXPLICIT, PLAIN + element(0xFFFCFFFC, b"OB", bytes(16)), STORED),
    "zeros behind the last element": (EXPLICIT, PLAIN + bytes(512), STORED),
    "cut off in a value": (EXPLICIT, PLAIN[:-10], STORED),
    "cut off in a header": (EXPLICIT, names() + REST + PIXELS[:5], STORED),
    # Lengths and value representations.
    "a value of an odd length": (EXPLICIT, names() + element(0x00100010, b"PN", b"DOE") + REST, STORED),
    "a UID of an odd length": (EXPLICIT, element(0x00080018, b"UI", UID.encode()) + REST, STORED),
    "an unknown VR": (EXPLICIT, names() + element(0x00080060, b"ZZ", b"CT") + REST, STORED),
    "a VR of blanks": (EXPLICIT, names() + element(0x00080060, b"  ", b"CT") + REST, STORED),
    "VR UN with undefined length": (
        EXPLICIT,
        names() + element(0x00091010, b"UN", b"", length=UNDEFINED) + item(b"") + sequence(0x00081140, b"")[-8:] + REST,
        STORED,
    ),
    "a value longer than the data set": (EXPLICIT, names() + element(0x00080060, b"CS", b"CT", length=6000), STORED),
    "a wrong group length": (EXPLICIT, element(0x00080000, b"UL", b"\xff\0\0\0") + PLAIN, STORED),
    "a group length before another instance": (
        EXPLICIT,
        element(0x00080000, b"UL", b"\xff\0\0\0") + names("1.2.31") + REST,
        MISMATCH,
    ),
    # Sequences.
    "a sequence of undefined length": (EXPLICIT, names() + sequence(0x00081140, b"", REST) + REST, STORED),
    "a sequence without its end": (EXPLICIT, names() + sequence(0x00081140, REST, end=b""), STORED),
    "nested 100 deep": (EXPLICIT, names() + nested(100) + REST, STORED),
    "nested 5000 deep, before the UID": (EXPLICIT, nested(5000) + PLAIN, STORED),
    # Which instance it is (PS3.4 table B.2-1).
    "no SOP Instance UID": (EXPLICIT, uid(0x00080016, CT) + REST, STORED),
    "no SOP Class UID": (EXPLICIT, uid(0x00080018, UID) + REST, STORED),
    "neither": (EXPLICIT, REST + PIXELS, STORED),
    "an empty SOP Instance UID": (EXPLICIT, names("") + REST, STORED),
    "a UID padded with blanks": (EXPLICIT, uid(0x00080018, UID + "  ") + REST, STORED),
    "a UID padded with NULs": (EXPLICIT, uid(0x00080018, UID + "\0\0\0\0") + REST, STORED),
    "another instance": (EXPLICIT, names("1.2.31") + REST, MISMATCH),
    "the same with leading zeros": (EXPLICIT, names("1.02.3") + REST, MISMATCH),
    "another SOP class": (EXPLICIT, uid(0x00080016, MR) + uid(0x00080018, UID) + REST, STORED),
    "the UID of another in a sequence": (EXPLICIT, sequence(0x00080006, uid(0x00080018, "1.2.31")) + PLAIN, STORED),
    "two SOP Instance UIDs": (EXPLICIT, names() + uid(0x00080018, "1.2.31") + REST, STORED),
    "tags in disorder": (EXPLICIT, REST + names() + PIXELS, STORED),
    # What belongs elsewhere.
    "File Meta Information in the data set": (
        EXPLICIT,
        uid(0x00020003, UID) + uid(0x00020010, IMPLICIT) + PLAIN,
        STORED,
    ),
    "a whole file": (EXPLICIT, PART10, STORED),
    "a command in the data set": (EXPLICIT, element(0x00000100, b"US", b"\1\0") + PLAIN, STORED),
    "private elements without their creator": (EXPLICIT, names() + element(0x00091001, b"LO", b"X ") + REST, STORED),
    "octets that no character set has": (
        EXPLICIT,
        element(0x00080005, b"CS", b"ISO_IR 0") + names() + element(0x00100010, b"PN", b"\xff\xfe\x00\x1b") + REST,
        STORED,
    ),
    # Transfer syntaxes.
    "big endian": (BIG_ENDIAN, names(order=">") + uid(0x0020000D, "1.2.3", ">"), STORED),
    "another instance, big endian": (BIG_ENDIAN, names("1.2.31", ">") + uid(0x0020000D, "1.2.3", ">"), MISMATCH),
    "little endian where big is agreed": (BIG_ENDIAN, PLAIN, STORED),
    "implicit": (IMPLICIT, implicit(0x00080018, UID.encode() + b"\0") + implicit(0x0020000D, b"1.2.34"), STORED),
    "explicit where implicit is agreed": (IMPLICIT, PLAIN, STORED),
    "implicit where explicit is agreed": (EXPLICIT, implicit(0x00080018, UID.encode() + b"\0") + bytes(12), STORED),
    "deflated": (DEFLATED, DEFLATED_PLAIN, STORED),
    "deflated, cut off": (DEFLATED, DEFLATED_PLAIN[:20], STORED),
    "not deflated at all": (DEFLATED, b"\xff" * 40, STORED),
    # Pixel data.
    "pixel data of no octets": (EXPLICIT, names() + REST + element(0x7FE00010, b"OW", b""), STORED),
    "pixel data only": (EXPLICIT, PIXELS, STORED),
    "encapsulated without a fragment": (
        JPEG,
        names() + REST + element(0x7FE00010, b"OB", b"", length=UNDEFINED),
        STORED,
    ),
    "native where encapsulated is agreed": (JPEG, PLAIN, STORED),
}
"""Transfer syntax, data set, and the status of the answer where the store takes everything.

The gateway stores what it is given: of a data set only the SOP Instance UID is read, where that comes first, since a
store would file the data set under another name than the peer is told of. The store itself refuses what it does not
want.
"""
