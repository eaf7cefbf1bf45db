"""Values are passed on in pieces, whatever is nested in them."""

import struct

import pytest

from adapters.dicom.encoding import EXPLICIT_LITTLE, Malformed
from adapters.dicom.source import Reading
from adapters.dicom.walker import Walker
from tests.adapters.dicom.instances import element, item

UNDEFINED = 0xFFFFFFFF
END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
ACCESSION = element(0x00080050, "SH", b"AB")
VALUES = {
    "defined": element(0x00100020, "LO", b"ID"),
    "items": element(
        0x00400275, "SQ", item(element(0x00080050, "SH", b"AB"), UNDEFINED) + item(b"xx") + END, UNDEFINED
    ),
    "implicit items": element(0x00400275, "UN", item(b"\x08\0\x50\0\2\0\0\0AB", UNDEFINED) + END, UNDEFINED),
    "fragments": element(0x7FE00010, "OB", item(b"") + item(bytes(9)) + END, UNDEFINED),
}


@pytest.mark.parametrize("octets", VALUES.values(), ids=VALUES)
def test_passes(octets: bytes) -> None:
    """Octets are passed on unchanged, as soon as they have come, and no more than those of the element."""
    walker = Walker()

    def run() -> Reading[None]:
        header = yield from walker.source.header(EXPLICIT_LITTLE)
        walker.output.write(header.raw)
        yield from walker.value(header, EXPLICIT_LITTLE, 0)

    reading, out = run(), b""
    for octet in octets + b"XY":
        walker.source.feed(bytes([octet]))
        next(reading, None)
        out += walker.output.drain()
    assert octets == out
    assert b"XY" == walker.source.rest()


@pytest.mark.parametrize("octets", [item(element(0xFFFEE0DD, "UN", b""), UNDEFINED), element(0x00100020, "LO", b"ID")])
def test_no_item(octets: bytes) -> None:
    """An element that is no item in a sequence is malformed."""
    walker = Walker()
    walker.source.feed(element(0x00400275, "SQ", octets, UNDEFINED))
    with pytest.raises(StopIteration) as done:
        next(walker.source.header(EXPLICIT_LITTLE))
    with pytest.raises(Malformed):
        next(walker.value(done.value.value, EXPLICIT_LITTLE, 0))
