"""Objects for the tests of the engine: made octet by octet, so that each may be wrong in its own way."""

from collections.abc import Iterable, Mapping
from struct import pack
from typing import Any

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.dicom.transform import DicomTransformer
from adapters.deidentify.dicom.tree import Element, Item, written
from adapters.deidentify.dicom.tree_reader import TreeReader
from adapters.deidentify.manifest import Manifest
from adapters.deidentify.pseudonyms.domains import Domain, Domains
from adapters.deidentify.pseudonyms.key import Key
from adapters.deidentify.pseudonyms.service import KeyedPseudonyms
from adapters.deidentify.settings import DicomProfile
from adapters.dicom.encoding import LONG_VRS

EXPLICIT, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
CT = "1.2.840.10008.5.1.4.1.1.2"
UNDEFINED = 0xFFFFFFFF
PSEUDONYMS = KeyedPseudonyms(Key(bytes(range(32))))
DOMAINS = Domains({("dicom", "HOSP"): Domain("hospital"), ("hl7v2", "HOSP"): Domain("hospital")}, Domain("hospital"))


def transformer(**profile: Any) -> DicomTransformer:
    """Return the engine for headers; by default that of the profile without an option."""
    return DicomTransformer(DicomProfile(**{"options": (), **profile}), PSEUDONYMS, DOMAINS)


def header(*more: Element, sop_class: str = CT, without: Iterable[int] = ()) -> Item:
    """Return the header of a CT instance of one patient, with *more* elements in the place of its own."""
    given = {
        0x00080016: Element(0x00080016, b"UI", sop_class.encode()),
        0x00080018: Element(0x00080018, b"UI", b"1.3.46.1"),
        0x00080020: Element(0x00080020, b"DA", b"20200505"),
        0x00080050: Element(0x00080050, b"SH", b"ACC4711X"),
        0x00080060: Element(0x00080060, b"CS", b"CT"),
        0x00100010: Element(0x00100010, b"PN", b"Musterfrau^Erika"),
        0x00100020: Element(0x00100020, b"LO", b"MRN7423501"),
        0x00100030: Element(0x00100030, b"DA", b"19540307"),
        0x0020000D: Element(0x0020000D, b"UI", b"1.3.46.2"),
        0x0020000E: Element(0x0020000E, b"UI", b"1.3.46.3"),
    }
    given |= {each.tag: each for each in more}
    return [given[tag] for tag in sorted(given.keys() - set(without))]


def image(rows: int = 4, columns: int = 4, allocated: int = 8, **more: int) -> list[Element]:
    """Return the elements that describe an image."""
    numbers = {0x00280002: more.get("samples", 1), 0x00280010: rows, 0x00280011: columns, 0x00280100: allocated,
               0x00280101: allocated, 0x00280102: allocated - 1, 0x00280103: 0}  # fmt: skip
    found = [Element(tag, b"US", pack("<H", number)) for tag, number in numbers.items()]
    photometric = b"RGB " if more.get("samples") == 3 else b"MONOCHROME2 "
    frames = [Element(0x00280008, b"IS", str(more["frames"]).encode())] if "frames" in more else []
    return [*found, Element(0x00280004, b"CS", photometric), *frames]


def part10(data_set: bytes, syntax: str = EXPLICIT, preamble: bytes = bytes(128)) -> bytes:
    """Return a file with *data_set*."""
    meta = written(
        [
            Element(0x00020001, b"OB", b"\0\1"),
            Element(0x00020002, b"UI", CT.encode()),
            Element(0x00020003, b"UI", b"1.3.46.1"),
            Element(0x00020010, b"UI", syntax.encode()),
            Element(0x00020016, b"AE", b"MUSTERFRAU"),
        ],
        is_implicit=False,
    )
    return preamble + b"DICM" + element(0x00020000, b"UL", pack("<L", len(meta))) + meta + data_set


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """Return an element in Explicit VR Little Endian."""
    size = len(value) if length is None else length
    long = b"\0\0" + pack("<L", size) if vr in LONG_VRS else pack("<H", size)
    return pack("<HH", tag >> 16, tag & 0xFFFF) + vr + long + value


def native(value: bytes, *more: Element, tail: bytes = b"", **size: int) -> bytes:
    """Return a file with native pixel data."""
    head = written(header(*image(**size), *more), is_implicit=False)
    return part10(head + element(0x7FE00010, b"OW", value) + tail)


def fragments(*values: bytes, table: bytes = b"") -> bytes:
    """Return encapsulated pixel data (PS3.5 A.4)."""
    items = b"".join(pack("<HHL", 0xFFFE, 0xE000, len(each)) + each for each in (table, *values))
    return element(0x7FE00010, b"OB", items + pack("<HHL", 0xFFFE, 0xE0DD, 0), UNDEFINED)


def compressed(syntax: str, *values: bytes, table: bytes = b"", **size: int) -> bytes:
    """Return a file with one fragment for each of *values*."""
    return part10(written(header(*image(**size)), is_implicit=False) + fragments(*values, table=table), syntax)


def deidentified(file: bytes, pieces: Iterable[bytes] | None = None, **profile: Any) -> bytes:
    """Return the file without what names its patient; *pieces* are those in which it comes."""
    engine = FileDeidentifier(transformer(**profile), Manifest("test", "key"))
    out = [bytes(each) for piece in pieces or [file] for each in engine.receive_data(piece)]
    return b"".join(out + [bytes(each) for each in engine.receive_end()])


def tree_of(file: bytes) -> Mapping[int, Element]:
    """Return the elements of a file in Explicit VR Little Endian, behind group 0002, by tag."""
    reader = TreeReader(is_implicit=False, most=2**24)
    reader.feed(file[132 + 12 + int.from_bytes(file[140:144], "little") :], is_last=True)
    return {each.tag: each for each in reader.elements}


def pixels_of(file: bytes) -> bytes:
    """Return what follows the header of the pixel data."""
    reader = TreeReader(is_implicit=False, most=2**24)
    reader.feed(file[132 + 12 + int.from_bytes(file[140:144], "little") :], is_last=True)
    return bytes(reader.rest)
