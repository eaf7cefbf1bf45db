"""Bits that are no part of the image are cleared; the image itself stays, whatever its layout."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.deidentify.dicom.tree import Element
from adapters.deidentify.dicom.unused_bits import Layout, UnusedBits, has_overlay_in_pixels, layout_of
from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.dicom.made import compressed, deidentified, native, pixels_of

STORED, HIGH, SIGNED, PADDING = 0x00280101, 0x00280102, 0x00280103, 0x00280120


def layout(allocated: int, stored: int, high: int | None = None, *, is_signed: bool = False) -> Layout:
    """Return a layout without a padding value."""
    return Layout(allocated, stored, stored - 1 if high is None else high, is_signed, b"")


def cleared(samples: bytes, given: Layout) -> bytes:
    """Return the samples without other bits."""
    return bytes(UnusedBits(given).receive_data(memoryview(samples)))


@pytest.mark.parametrize(
    ("given", "before", "after"),
    [
        (layout(16, 12), 0xF123, 0x0123),
        (layout(16, 12), 0xFFFF, 0x0FFF),
        (layout(16, 12, is_signed=True), 0x5FFF, 0xFFFF),
        (layout(16, 12, is_signed=True), 0x5723, 0x0723),
        (layout(16, 12, is_signed=True), 0xF830, 0xF830),
        (layout(16, 8), 0xAB7F, 0x007F),
        (layout(16, 8, is_signed=True), 0xAB80, 0xFF80),
        (layout(16, 10, 11), 0xFFFF, 0x0FFC),
        (layout(16, 16), 0xF123, 0xF123),
    ],
)
def test_sample(given: Layout, before: int, after: int) -> None:
    """An overlay is gone, the sign stays."""
    assert cleared(pack("<H", before), given) == pack("<H", after)


@given(
    st.sampled_from([8, 16, 32]).flatmap(
        lambda size: st.tuples(st.just(size), st.integers(1, size), st.booleans(), st.integers(0, 2**size - 1))
    )
)
def test_any_layout(case: tuple[int, int, bool, int]) -> None:
    """The value is the same number, and the bits above it are those of an image without an overlay."""
    allocated, stored, is_signed, sample = case
    octets = sample.to_bytes(allocated // 8, "little")
    value = sample & (1 << stored) - 1
    if is_signed and value >> stored - 1:
        value -= 1 << stored
    found = cleared(octets, layout(allocated, stored, is_signed=is_signed))
    assert int.from_bytes(found, "little", signed=is_signed) == value


@given(st.binary(max_size=64), st.integers(1, 7))
def test_any_pieces(samples: bytes, size: int) -> None:
    """The cuts do not matter."""
    bits = UnusedBits(layout(16, 9))
    whole = samples[: len(samples) // 2 * 2]
    pieces = [bytes(bits.receive_data(memoryview(whole)[at : at + size])) for at in range(0, len(whole), size)]
    assert b"".join(pieces) == cleared(whole, layout(16, 9))


def test_padding_value() -> None:
    """A padding value that has more bits than the samples stays; no other value with such bits does."""
    given = layout_of({STORED: b"\x0c\0", PADDING: b"\x30\xf8"}, 16)
    assert cleared(b"\x30\xf8\x30\xf7\x01\x0f", given) == b"\x30\xf8\x30\x07\x01\x0f"


def test_layout_without_more() -> None:
    """Of floating point pixels the header says nothing: all bits count."""
    assert layout_of({}, 32) == Layout(32, 32, 31, False, b"")
    assert layout_of({PADDING: b"\0"}, 16).padding == b""
    assert layout_of({SIGNED: b"\1\0", STORED: b"\x0c\0", HIGH: b"\x0d\0"}, 16) == Layout(16, 12, 13, True, b"")


@pytest.mark.parametrize(
    ("found", "allocated"),
    [({STORED: b"\0\0"}, 16), ({STORED: b"\x11\0"}, 16), ({STORED: b"\x0c\0", HIGH: b"\x05\0"}, 16),
     ({STORED: b"\x0c\0", HIGH: b"\x10\0"}, 16), ({STORED: b"\x08\0"}, 12)],
)  # fmt: skip
def test_no_layout(found: dict[int, bytes], allocated: int) -> None:
    """What cannot be the bits of a sample is held back."""
    with pytest.raises(HeldBackError):
        layout_of(found, allocated)


def test_through_the_engine() -> None:
    """What lies in the high bits of native pixels does not come out, in whatever pieces the file comes."""
    plane = bytes(range(4)) * 4
    file = native(_with_overlay(plane), Element(STORED, b"US", b"\x0c\0"), Element(HIGH, b"US", b"\x0b\0"),
                  allocated=16)  # fmt: skip
    expected = b"".join(pack("<H", each) for each in plane)
    assert pixels_of(deidentified(file)) == expected
    assert pixels_of(deidentified(file, (file[at : at + 3] for at in range(0, len(file), 3)))) == expected


def _with_overlay(plane: bytes) -> bytes:
    return b"".join(pack("<H", each | (place % 2) << 12) for place, each in enumerate(plane))


def overlay(*more: Element) -> list[Element]:
    """Return the header of an overlay."""
    return [Element(0x60000010, b"US", b"\4\0"), Element(0x60000011, b"US", b"\4\0"), *more]


@pytest.mark.parametrize(
    ("elements", "found"),
    [
        ([], False),
        (overlay(), True),
        (overlay(Element(0x60000102, b"US", b"\0\0"), Element(0x60003000, b"OW", b"\0\0")), False),
        (overlay(Element(0x60000102, b"US", b"\x0c\0"), Element(0x60003000, b"OW", b"\0\0")), True),
        ([Element(0x60020010, b"US", b"\4\0")], True),
    ],
)
def test_overlay_in_pixels(elements: list[Element], *, found: bool) -> None:
    """It has a bit position, or no data of its own."""
    assert has_overlay_in_pixels(elements) is found


def test_compressed() -> None:
    """Nobody can take an overlay out of compressed pixels here: the object is held back."""
    frame = pack("<L", 1) + pack("<L", 64) + bytes(56) + b"\xf1\0"
    file = compressed("1.2.840.10008.1.2.5", frame)
    deidentified(file)
    at = file.index(pack("<HH", 0x7FE0, 0x0010))
    with pytest.raises(HeldBackError, match="overlay"):
        deidentified(file[:at] + pack("<HH2sHH", 0x6000, 0x0010, b"US", 2, 4) + file[at:])
