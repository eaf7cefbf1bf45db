"""What is in no element: preamble, File Meta Information, padding, overlays, and the octets of images."""

from struct import pack

from adapters.deidentify.dicom.tree import Element, written
from tests.adapters.deidentify.dicom.codestream.images import jp2, jpeg, jpeg2000, segment
from tests.adapters.deidentify.dicom.made import CT, element, fragments, header, image, native, part10
from tests.adapters.deidentify.judge.places.place import STUDY_UID, After, Place, file, leaf

JPEG, J2K, RLE = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"
REMOVED, STRIPPED = After.REMOVED, After.STRIPPED
UUID = bytes(range(16))
BITS = "overlay: in bits of the pixels that the image does not use"


def _meta(*more: Element, preamble: bytes = bytes(128)) -> bytes:
    own = {0x00020001: Element(0x00020001, b"OB", b"\0\1"), 0x00020002: Element(0x00020002, b"UI", CT.encode()),
           0x00020003: Element(0x00020003, b"UI", b"1.3.46.1"),
           0x00020010: Element(0x00020010, b"UI", b"1.2.840.10008.1.2.1")}  # fmt: skip
    own |= {each.tag: each for each in more}
    meta = written([own[each] for each in sorted(own)], is_implicit=False)
    rest = written(header(leaf("StudyInstanceUID", STUDY_UID.encode())), is_implicit=False)
    return preamble + b"DICM" + element(0x00020000, b"UL", pack("<L", len(meta))) + meta + rest


def _compressed(syntax: str, *frames: bytes, table: bytes = b"", tail: bytes = b"") -> bytes:
    size = {"rows": 32, "columns": 32, "samples": 3, "frames": len(frames)}
    mine = [leaf("StudyInstanceUID", STUDY_UID.encode()), *image(**size)]
    return part10(written(header(*mine), is_implicit=False) + fragments(*frames, table=table) + tail, syntax)


def _jpeg(octets: bytes) -> bytes:
    """Behind the start of the image."""
    plain = jpeg()
    return _compressed(JPEG, plain[:2] + octets + plain[2:])


def _rle(octets: bytes) -> bytes:
    row = b"\xe1\x07" * 32
    stream = pack("<16L", 3, 64, 128, 192, *[0] * 12) + row + row + row
    return _compressed(RLE, stream + octets + b"\0" * (len(octets) % 2))


def _in_rle_header(octets: bytes) -> bytes:
    row = b"\xe1\x07" * 32
    return _compressed(RLE, pack("<4L", 3, 64, 128, 192) + octets[:48].ljust(48, b"\0") + row + row + row)


def _box(octets: bytes) -> bytes:
    box = pack(">L", len(octets) + 24) + b"uuid" + UUID + octets
    return _compressed(J2K, jp2() + box)


def _comment_2000(octets: bytes) -> bytes:
    plain = jpeg2000()
    return _compressed(J2K, plain.replace(b"\xff\x90", segment(0x64, b"\0\1" + octets) + b"\xff\x90", 1))


def _overlay(*more: Element) -> bytes:
    return file(Element(0x60000010, b"US", b"\4\0"), Element(0x60000011, b"US", b"\4\0"), *more, pixels=True)


def _bits(octets: bytes) -> bytes:
    """In the four high bits of sixteen, where old images have their overlays."""
    halves = [half for octet in octets for half in (octet & 0xF0, (octet & 0x0F) << 4)]
    pixels = b"".join(bytes((7, half)) for half in [*halves, *bytes(1024)][:1024])
    stored = [Element(0x00280101, b"US", b"\x0c\0"), Element(0x00280102, b"US", b"\x0b\0")]
    for bit in range(4):
        group = 0x60000000 + (bit << 17)
        stored += [Element(group | 0x0100, b"US", b"\x10\0"), Element(group | 0x0102, b"US", bytes((12 + bit, 0)))]
    return native(pixels, *stored, Element(0x0020000D, b"UI", STUDY_UID.encode()), rows=32, columns=32, allocated=16)


FILE = [
    Place("preamble of the file", lambda octets: _meta(preamble=octets[:128].ljust(128, b"\0")), STRIPPED),
    Place("File Meta: titles of applications", lambda octets: _meta(Element(0x00020016, b"AE", octets)), STRIPPED),
    Place("File Meta: version of the writer", lambda octets: _meta(Element(0x00020013, b"SH", octets)), STRIPPED),
    Place("File Meta: private information", lambda octets: _meta(
        Element(0x00020100, b"UI", b"1.3.46.9"), Element(0x00020102, b"OB", octets)), STRIPPED),
    Place("File Meta: Media Storage SOP Instance UID", lambda octets: _meta(
        Element(0x00020003, b"UI", octets)), STRIPPED, takes="uid"),
    Place("padding at the end of the data set", lambda octets: file(
        pixels=True, tail=element(0xFFFCFFFC, b"OB", octets)), STRIPPED),
    Place("elements behind the pixel data", lambda octets: file(
        pixels=True, tail=element(0x7FE11001, b"LO", octets[:60000])), STRIPPED),
    Place("octets behind the image in the pixel data", lambda octets: native(
        bytes(range(16)) + octets + b"\0" * (len(octets) % 2)), STRIPPED),
]  # fmt: skip
OVERLAYS = [
    Place("overlay: its points", lambda octets: _overlay(Element(0x60003000, b"OW", octets)), REMOVED, (0x60003000,)),
    Place("overlay: its label", lambda octets: _overlay(Element(0x60001500, b"LO", octets)), REMOVED, (0x60001500,)),
    Place("overlay: comments", lambda octets: _overlay(Element(0x60004000, b"LT", octets)), REMOVED, (0x60004000,)),
    Place(BITS, _bits, STRIPPED),
    Place("curve: its points", lambda octets: file(Element(0x50003000, b"OW", octets)), REMOVED, (0x50003000,)),
]
CODESTREAMS = [
    Place("JPEG: comment", lambda octets: _jpeg(segment(0xFE, octets)), STRIPPED),
    Place("JPEG: Exif", lambda octets: _jpeg(segment(0xE1, b"Exif\0\0" + octets)), STRIPPED),
    Place("JPEG: XMP", lambda octets: _jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + octets)), STRIPPED),
    Place("JPEG: Photoshop", lambda octets: _jpeg(segment(0xED, b"Photoshop 3.0\0" + octets)), STRIPPED),
    Place("JPEG: behind the end of the image", lambda octets: _compressed(JPEG, jpeg() + octets), STRIPPED),
    Place("JPEG: small image of JFIF", lambda octets: _jpeg(segment(0xE0, b"JFXX\0\x10" + octets)), STRIPPED),
    Place("JPEG 2000: comment", _comment_2000, STRIPPED),
    Place("JPEG 2000: box behind the codestream", _box, STRIPPED),
    Place("RLE: behind the last segment", _rle, STRIPPED),
    Place("RLE: header of the frame", _in_rle_header, After.HELD_BACK),
    Place("offset table", lambda octets: _compressed(JPEG, jpeg(), table=octets), STRIPPED),
    Place("octets behind the last fragment", lambda octets: _compressed(
        JPEG, jpeg(), tail=element(0xFFFCFFFC, b"OB", octets)), STRIPPED),
]  # fmt: skip
