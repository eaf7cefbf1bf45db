"""The colour profile that replaces each other one: sRGB, without a date, a device or a text of anybody.

A profile of a scanner may hold its serial number, names and private tags, and nobody can tell which of its octets
those are. Colours are shown a little differently afterwards, as a viewer does without any profile.
"""

from struct import pack

ICC_PROFILE = 0x00282000
PRIMARIES = {
    b"rXYZ": (0.436065, 0.222488, 0.013916),
    b"gXYZ": (0.385147, 0.716873, 0.097076),
    b"bXYZ": (0.143066, 0.060608, 0.714096),
}
"""Of IEC 61966-2-1, adapted to the white of D50, as the profile of the International Color Consortium has them."""
WHITE = (0.964203, 1.0, 0.824905)
"""D50 (ICC.1:2022 7.2.16)."""
CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""The parameters of function type 3 (ICC.1:2022 table 68) for IEC 61966-2-1."""
HEADER = 128
VERSION = 0x04400000


def srgb() -> bytes:
    """Return an input profile (PS3.3 C.11.15.1.1 asks for that class) of version 4.4 for sRGB."""
    curve = b"para" + bytes(4) + pack(">HH", 3, 0) + b"".join(map(_fixed, CURVE))
    tags = {
        b"desc": _text("sRGB"),
        b"cprt": _text("No copyright"),
        b"wtpt": _xyz(*WHITE),
        **{name: _xyz(*values) for name, values in PRIMARIES.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    at = HEADER + 4 + 12 * len(tags)
    table, data = [pack(">L", len(tags))], b""
    for name, value in tags.items():
        table.append(name + pack(">LL", at + len(data), len(value)))
        data += value.ljust(-(-len(value) // 4) * 4, b"\0")
    size = at + len(data)
    head = pack(">L4xL12s", size, VERSION, b"scnrRGB XYZ ") + bytes(12) + b"acsp" + bytes(28) + _xyz(*WHITE)[8:]
    return head.ljust(HEADER, b"\0") + b"".join(table) + data


def _fixed(number: float) -> bytes:
    return pack(">l", round(number * 0x10000))


def _xyz(*numbers: float) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, numbers))


def _text(text: str) -> bytes:
    """Return a text in one language (multiLocalizedUnicodeType, ICC.1:2022 10.15)."""
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + pack(">LL4sLL", 1, 12, b"enUS", len(encoded), 28) + encoded
