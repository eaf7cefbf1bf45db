"""Turns values in big endian (PS3.5 A.3, retired) into little endian."""

WIDTHS = {
    **dict.fromkeys((b"US", b"SS", b"OW", b"AT"), 2),
    **dict.fromkeys((b"UL", b"SL", b"FL", b"OF", b"OL"), 4),
    **dict.fromkeys((b"FD", b"OD", b"SV", b"UV", b"OV"), 8),
}
"""Octets of one number by value representation; those of all others have no order."""


def swapped(vr: bytes, value: bytes) -> bytes:
    """Return *value* in the other order; a value that is not made of whole numbers stays as it is."""
    return turned(value, WIDTHS.get(vr, 1))


def turned(value: bytes, width: int) -> bytes:
    """Return *value*, numbers of *width* octets, in the other order."""
    if width == 1 or len(value) % width:
        return value
    result = bytearray(value)
    for place in range(width):
        result[place::width] = value[width - 1 - place :: width]
    return bytes(result)


class PixelSwapper:
    """Turns the numbers of native pixel data around while they come."""

    def __init__(self, vr: bytes, allocated: int) -> None:
        self._width = 1 if vr == b"OB" else WIDTHS.get(vr, 1) if allocated <= 16 else allocated // 8
        self._odd = b""

    def receive_data(self, octets: memoryview) -> memoryview:
        """Take octets; return those of whole numbers, in little endian."""
        whole = self._odd + bytes(octets)
        end = len(whole) // self._width * self._width
        self._odd = whole[end:]
        return memoryview(turned(whole[:end], self._width))
