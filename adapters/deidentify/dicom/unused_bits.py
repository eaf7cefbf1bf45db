"""Bits of native pixels that are no part of the image (PS3.5 8.1.1): old overlays lie in them, and any text may.

Each sample has *allocated* bits, of which *stored* ones up to the *high* bit are its value. The others become what they
are in an image without an overlay: 0, or above the value of a signed sample copies of its sign. One value is excepted:
Pixel Padding Value, which may have more bits than the samples.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from adapters.deidentify.dicom.tree import Item
from adapters.deidentify.errors import HeldBackError

STORED, HIGH, SIGNED, PADDING = 0x00280101, 0x00280102, 0x00280103, 0x00280120


OVERLAY_DATA, OVERLAY_ROWS, BIT_POSITION = 0x3000, 0x0010, 0x0102
OVERLAYS = range(0x6000, 0x6020, 2)
"""Groups of overlays (PS3.5 7.6)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the value of a sample lies in its octets."""

    allocated: int
    stored: int
    high: int
    is_signed: bool
    padding: bytes
    """Pixel Padding Value as the octets of a sample, or nothing."""

    @property
    def is_full(self) -> bool:
        """Whether every bit is a part of the image."""
        return self.stored == self.allocated


def layout_of(found: Mapping[int, bytes], allocated: int) -> Layout:
    """Return the layout that a header gives; raises HeldBackError if it cannot be one."""

    def number(tag: int, default: int) -> int:
        value = found.get(tag, b"")[:2]
        return int.from_bytes(value, "little") if value else default

    stored = number(STORED, allocated)
    high = number(HIGH, stored - 1)
    if not 0 < stored <= high + 1 <= allocated:
        raise HeldBackError("its header does not say which bits of a sample are the image")
    if stored != allocated and allocated % 8:
        raise HeldBackError("its samples have unused bits and are not whole octets")
    padding = found.get(PADDING, b"")
    is_signed = number(SIGNED, 0) == 1
    return Layout(allocated, stored, high, is_signed, padding if len(padding) == allocated // 8 else b"")


def has_overlay_in_pixels(elements: Item) -> bool:
    """Whether the header speaks of an overlay in the pixels (PS3.3 C.9.2 before 2004): one that has no data itself."""
    found = {each.tag: each.value for each in elements if each.tag >> 16 in OVERLAYS}
    return any(
        any(found.get(group << 16 | BIT_POSITION, b""))
        or (group << 16 | OVERLAY_ROWS in found and group << 16 | OVERLAY_DATA not in found)
        for group in OVERLAYS
    )


class UnusedBits:
    """Clears the unused bits of samples while they come. An image without any passes as it is."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._width = layout.allocated // 8
        self._odd = b""
        self._tables = _tables(layout)

    def receive_data(self, octets: memoryview) -> bytes | memoryview:
        """Take octets; return those of whole samples: the image ends with one."""
        if self._layout.is_full:
            return octets
        whole = self._odd + bytes(octets)
        end = len(whole) // self._width * self._width
        self._odd = whole[end:]
        return self._cleared(whole[:end])

    def _cleared(self, samples: bytes) -> bytes:
        result = bytearray(samples)
        for place, (source, table) in self._tables.items():
            result[place :: self._width] = samples[source :: self._width].translate(table)
        padding, width = self._layout.padding, self._width
        if padding and result != samples:
            for at in range(0, len(samples), width):
                if samples[at : at + width] == padding:
                    result[at : at + width] = padding
        return bytes(result)


@lru_cache(maxsize=64)
def _tables(layout: Layout) -> Mapping[int, tuple[int, bytes]]:
    """Return by octet of a sample from which octet it is made, and how; octets that stay are left out.

    The octets of a sample are in little endian. The sign is in the octet of the high bit.
    """
    low, top = layout.high + 1 - layout.stored, layout.high // 8
    used = ((1 << layout.stored) - 1) << low
    tables = {}
    for place in range(layout.allocated // 8):
        mask = used >> 8 * place & 0xFF
        if place < top or (place == top and not layout.is_signed):
            made = place, bytes(each & mask for each in range(256))
        elif place == top:
            made = top, bytes(_extended(each, layout.high % 8, mask) for each in range(256))
        else:
            sign = 1 << layout.high % 8 if layout.is_signed else 0
            made = top, bytes(0xFF if each & sign else 0 for each in range(256))
        if made != (place, bytes(range(256))):
            tables[place] = made
    return tables


def _extended(octet: int, sign: int, mask: int) -> int:
    value = octet & mask
    return value | 0xFF << (sign + 1) & 0xFF if octet >> sign & 1 else value
