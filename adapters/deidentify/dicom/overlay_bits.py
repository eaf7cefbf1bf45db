"""Overlays in the unused bits of the pixels (PS3.5 8.1.2, retired): those bits are cleared, for nobody sees them."""

from collections.abc import Mapping

from adapters.deidentify.dicom.tree import Item
from adapters.deidentify.errors import HeldBackError

ALLOCATED, STORED, HIGH = 0x00280100, 0x00280101, 0x00280102
BITS_ALLOCATED, BIT_POSITION, DATA = 0x0100, 0x0102, 0x3000
"""Numbers of the elements of a group 60xx."""


def overlay_bits(elements: Item) -> int:
    """Return the bits of a pixel that are overlays. Raises HeldBackError if they are bits of the image itself."""
    numbers = {
        each.tag: int.from_bytes(each.value[:2], "little")
        for each in elements
        if each.items is None and (each.tag >> 16 == 0x0028 or each.tag >> 24 == 0x60)
    }
    found = 0
    for group in sorted({tag >> 16 for tag in numbers if tag >> 24 == 0x60}):
        if group << 16 | DATA not in numbers and numbers.get(group << 16 | BITS_ALLOCATED, 1) > 1:
            found |= 1 << numbers.get(group << 16 | BIT_POSITION, 0)
    if found & _of_image(numbers):
        raise HeldBackError("an overlay lies in bits of its pixels that are the image itself")
    return found


def _of_image(numbers: Mapping[int, int]) -> int:
    stored = numbers.get(STORED, numbers.get(ALLOCATED, 0))
    high = numbers.get(HIGH, stored - 1)
    return ((1 << stored) - 1) << max(high + 1 - stored, 0)


class BitClearer:
    """Clears bits of each pixel while the octets of native pixel data come."""

    def __init__(self, bits: int, allocated: int) -> None:
        self._width = max(allocated // 8, 1)
        self._kept = (~bits & ((1 << 8 * self._width) - 1)).to_bytes(self._width, "little")
        self._odd = b""

    def receive_data(self, octets: memoryview) -> memoryview:
        """Take octets; return those of whole pixels."""
        whole = self._odd + bytes(octets)
        end = len(whole) // self._width * self._width
        self._odd = whole[end:]
        kept = int.from_bytes(self._kept * (end // self._width), "little")
        return memoryview((int.from_bytes(whole[:end], "little") & kept).to_bytes(end, "little"))
