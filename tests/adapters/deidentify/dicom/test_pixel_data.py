"""The pixel data: cut to the image, or frame by frame; what the header does not say holds the object back."""

from struct import pack

import pytest

from adapters.deidentify.dicom.pixel_data import (
    JPEG_2000S,
    JPEGS,
    RLE,
    CompressedPixels,
    Image,
    NativePixels,
    image_of,
)
from adapters.deidentify.dicom.tree import Element
from adapters.deidentify.dicom.unused_bits import Layout
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.own.search import OwnIdentifiers
from tests.adapters.deidentify.dicom.codestream.images import jpeg, jpeg2000
from tests.adapters.deidentify.dicom.made import image

NOBODY = OwnIdentifiers()
ONE_JPEG = "1.2.840.10008.1.2.4.50"
FRAME = pack("<L", 1) + pack("<L", 64) + bytes(56) + b"\xf1\0"
"""Sixteen pixels, run-length encoded."""


def of(
    rows: int = 4, columns: int = 4, samples: int = 1, frames: int = 1, allocated: int = 8, photometric: str = ""
) -> Image:
    """Return an image."""
    layout = Layout(allocated, allocated, allocated - 1, is_signed=False, padding=b"")
    return Image(rows, columns, samples, frames, allocated, photometric, layout, has_overlay=False)


@pytest.mark.parametrize(
    ("found", "octets"),
    [
        (of(), 16),
        (of(samples=3, frames=2, allocated=16), 192),
        (of(rows=3, columns=3, allocated=1), 2),
        (of(samples=3, photometric="YBR_FULL_422"), 32),
        (of(samples=3, photometric="RGB"), 48),
        (of(allocated=12), 24),
    ],
)
def test_octets(found: Image, octets: int) -> None:
    """The length of native pixels, without padding (PS3.5 8.1.1, and 8.2 for half as many colours)."""
    assert found.octets == octets


def test_image() -> None:
    """All that counts is read from the header; of other groups, and of sequences, nothing is."""
    elements = [*image(rows=3, columns=5, allocated=16, samples=3, frames=7), Element(0x00089215, b"SQ", items=[[]])]
    found = image_of(elements)
    assert (found.rows, found.columns, found.samples, found.frames, found.allocated) == (3, 5, 3, 7, 16)
    assert found.photometric == "RGB"
    assert found.layout == Layout(16, 16, 15, is_signed=False, padding=b"")
    assert not found.has_overlay


@pytest.mark.parametrize("value", [b"", b"1 ", b"\0"])
def test_one_frame(value: bytes) -> None:
    """Without a Number of Frames there is one."""
    assert image_of([*image(), Element(0x00280008, b"IS", value)]).frames == 1


@pytest.mark.parametrize(
    "element",
    [
        Element(0x00280008, b"IS", b"A "), Element(0x00280008, b"IS", b"0 "), Element(0x00280008, b"IS", b"-1"),
        Element(0x00280008, b"IS", b"10000000"), Element(0x00280010, b"US", b"\0\0"), Element(0x00280011, b"US", b""),
        Element(0x00280100, b"US", b"\0\0"), Element(0x00280010, b"SQ", items=[]),
    ],
)  # fmt: skip
def test_no_image(element: Element) -> None:
    """A header that says too little holds the object back."""
    with pytest.raises(HeldBackError):
        image_of([*(each for each in image() if each.tag != element.tag), element])


@pytest.mark.parametrize("size", [1, 5, 64])
def test_native(size: int) -> None:
    """What lies behind the image is left out; an odd image gets an octet of padding."""
    octets = bytes(range(1, 30))
    pixels = NativePixels(30, of(rows=3, columns=3))
    assert pixels.length == 10
    out = [bytes(each) for at in range(0, 29, size) for each in pixels.receive_data(memoryview(octets)[at : at + size])]
    assert b"".join([*out, *pixels.receive_end()]) == octets[:9] + b"\0"


def test_native_too_short() -> None:
    """Pixels that are fewer than the header says, or that do not come, hold the object back."""
    with pytest.raises(HeldBackError, match="shorter"):
        NativePixels(15, of())
    pixels = NativePixels(16, of())
    assert [bytes(each) for each in pixels.receive_data(memoryview(bytes(15)))] == [bytes(15)]
    with pytest.raises(HeldBackError, match="shorter"):
        pixels.receive_end()


def items(*fragments: bytes, end: bool = True) -> bytes:
    """Return fragments as items, and the end of the sequence."""
    parts = [pack("<HHL", 0xFFFE, 0xE000, len(each)) + each for each in fragments]
    return b"".join([*parts, pack("<HHL", 0xFFFE, 0xE0DD, 0)] if end else parts)


def through(octets: bytes, found: Image, syntax: str = RLE, size: int = 7, own: OwnIdentifiers = NOBODY) -> bytes:
    """Return what becomes of compressed pixels that come in pieces."""
    pixels = CompressedPixels(syntax, found, own)
    out = [
        each for at in range(0, len(octets), size) for each in pixels.receive_data(memoryview(octets)[at : at + size])
    ]
    return b"".join([*out, *pixels.receive_end()])


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_compressed(size: int) -> None:
    """A fragment for each frame, after an empty table of offsets; octets behind the end are left out."""
    octets = items(b"", FRAME, FRAME) + b"MUSTERFRAU"
    assert through(octets, of(frames=2), size=size) == items(b"", FRAME, FRAME)


@pytest.mark.parametrize("syntax", sorted(JPEGS | JPEG_2000S))
def test_each_syntax(syntax: str) -> None:
    """Each transfer syntax has what cleans its frames."""
    stream = jpeg() if syntax in JPEGS else jpeg2000()
    assert through(items(b"", stream), of(32, 32, 3), syntax)[16:18] == stream[:2]


@pytest.mark.parametrize(
    ("table", "frames"),
    [
        (pack("<2L", 0, 8 + len(FRAME)), [FRAME, FRAME]),
        (pack("<2L", 0, 8 + 40 + 8 + len(FRAME) - 40), [FRAME[:40], FRAME[40:], FRAME]),
        (b"MUSTERFR", [FRAME, FRAME]),
        (pack("<2L", 5, 9), [FRAME, FRAME]),
    ],
)
def test_table(table: bytes, frames: list[bytes]) -> None:
    """The table of offsets, if it can be right, says which fragments are one frame; it is empty afterwards."""
    assert through(items(table, *frames), of(frames=2)) == items(b"", FRAME, FRAME)


def test_one_frame_in_fragments() -> None:
    """All fragments are one frame where there is only one."""
    assert through(items(b"", FRAME[:10], FRAME[10:]), of()) == items(b"", FRAME)


@pytest.mark.parametrize(
    ("octets", "frames", "reason"),
    [
        (items(b"", FRAME, end=False), 1, "before its last fragment"),
        (items(b"", FRAME)[:-9], 1, "before its last fragment"),
        (items(b""), 1, "not one fragment"),
        (items(b"", FRAME), 2, "not one fragment"),
        (items(b"", FRAME, FRAME, FRAME), 2, "more frames"),
        (items(b"")[:8] + b"MUSTERFRAU", 1, "cannot be read"),
        (pack("<HHL", 0xFFFE, 0xE000, 2**31), 1, "64 MiB"),
        (items(b"", b"MUSTERFRAU"), 1, "no RLE"),
    ],
)
def test_refused(octets: bytes, frames: int, reason: str) -> None:
    """What is no sequence of frames holds the object back."""
    with pytest.raises(HeldBackError, match=reason):
        through(octets, of(frames=frames))


def test_a_frame_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fragments of one frame have a limit together."""
    monkeypatch.setattr("adapters.deidentify.dicom.pixel_data.MOST_OF_FRAME", 100)
    with pytest.raises(HeldBackError, match="64 MiB"):
        through(items(b"", FRAME, FRAME), of())


def test_an_identifier_in_a_frame() -> None:
    """A name that is still in a frame holds the object back."""
    own = OwnIdentifiers()
    own.add_name("Musterfrau^Erika")
    frame = FRAME[:64] + b"\x0fMUSTERFRAUERIKA!"
    assert through(items(b"", frame), of())
    with pytest.raises(HeldBackError, match="identifier"):
        through(items(b"", frame), of(), own=own)


def test_unknown_syntax() -> None:
    """A transfer syntax whose frames nobody cleans here is held back."""
    with pytest.raises(HeldBackError, match="transfer syntax"):
        CompressedPixels("1.2.840.10008.1.2.4.100", of(), NOBODY)
