"""What a codestream says of its size."""

import struct
from io import BytesIO

import pytest
from PIL import Image

from adapters.dicom.codestream import Size, size_of

SOF = b"\xff\xc3" + struct.pack(">HBHHB", 11, 16, 300, 200, 1) + b"\1\x11\0"
LS = b"\xff\xf7" + SOF[2:]
DHT = b"\xff\xc4\0\x06" + b"\0" * 4
SOS = b"\xff\xda\0\x08\1\1\0\1\0\0"
SOI = b"\xff\xd8"
SIZ = b"\xff\x4f\xff\x51" + struct.pack(">HHLLLLLLLLH", 41, 0, 210, 320, 10, 20, 210, 320, 0, 0, 3) + b"\x0b\1\1"
SIZES = {
    "JPEG": (SOI + SOF + DHT + SOS, Size(300, 200, 1, 16)),
    "behind a comment and fill bytes": (SOI + b"\xff\xfe\0\x04hi\xff\xff" + SOF + DHT + SOS, Size(300, 200, 1, 16)),
    "tables before the frame": (SOI + DHT + SOF + SOS, Size(300, 200, 1, 16)),
    "JPEG-LS": (SOI + LS + SOS, Size(300, 200, 1, 16)),
    "no frame before the scan": (SOI + DHT + SOS + SOF, None),
    "no tables before the scan": (SOI + SOF + SOS, None),
    "two frames": (SOI + SOF + SOF + DHT + SOS, None),
    "a scan of other samples": (SOI + SOF + DHT + SOS.replace(b"\1\1\0", b"\3\1\0"), None),
    "a marker that may not be there": (SOI + SOF + b"\xff\x17\0\2" + DHT + SOS, None),
    "octets between the segments": (SOI + SOF + b"\0" + DHT + SOS, None),
    "a segment without a length": (SOI + SOF + b"\xff\xfe\0\1" + DHT + SOS, None),
    "no scan": (SOI + SOF + DHT, None),
    "cut": (SOI + SOF[:6], None),
    "JPEG 2000": (SIZ, Size(300, 200, 3, 12)),
    "JP2": (b"\0\0\0\x0cjP  \r\n\x87\n" + SIZ, Size(300, 200, 3, 12)),
    "JPEG 2000, cut": (SIZ[:30], None),
    "RLE": (struct.pack("<16L", 1, 64, *[0] * 14), None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(("octets", "size"), SIZES.values(), ids=SIZES)
def test_size(octets: bytes, size: Size | None) -> None:
    """Each codestream says rows, columns and samples where its standard has them."""
    assert size == size_of(octets)


@pytest.mark.parametrize("form", ["JPEG", "JPEG2000"])
def test_real(form: str) -> None:
    """What Pillow writes is read."""
    made = BytesIO()
    Image.new("RGB", (70, 50)).save(made, form)
    assert size_of(made.getvalue()) == Size(50, 70, 3, 8)


@pytest.mark.parametrize("octets", [SOI + SOF + DHT + SOS, SIZ], ids=["JPEG", "JPEG 2000"])
def test_cut_anywhere(octets: bytes) -> None:
    """A codestream that ends anywhere raises nothing."""
    for end in range(len(octets)):
        assert size_of(octets[:end]) in {None, size_of(octets)}
