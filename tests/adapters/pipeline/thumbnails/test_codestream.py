"""What a codestream says of its size."""

import struct
from io import BytesIO

import pytest
from PIL import Image

from adapters.pipeline.thumbnails.codestream import Size, size_of

SOF = b"\xff\xc3" + struct.pack(">HBHHB", 11, 16, 300, 200, 1) + b"\1\x11\0"
SIZ = b"\xff\x4f\xff\x51" + struct.pack(">HHLLLLLLLLH", 41, 0, 210, 320, 10, 20, 210, 320, 0, 0, 3)
SIZES = {
    "JPEG": (b"\xff\xd8" + SOF, Size(300, 200, 1)),
    "behind a comment and fill bytes": (b"\xff\xd8\xff\xfe\0\x04hi\xff\xff" + SOF, Size(300, 200, 1)),
    "JPEG-LS": (b"\xff\xd8\xff\xf7" + SOF[2:], Size(300, 200, 1)),
    "a table of Huffman codes is no frame": (b"\xff\xd8\xff\xc4\0\x06" + b"\0" * 4 + SOF, Size(300, 200, 1)),
    "JPEG 2000": (SIZ, Size(300, 200, 3)),
    "JP2": (b"\0\0\0\x0cjP  \r\n\x87\n" + SIZ, Size(300, 200, 3)),
    "no frame before the scan": (b"\xff\xd8\xff\xda" + SOF, None),
    "cut": (b"\xff\xd8" + SOF[:6], None),
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
    assert size_of(made.getvalue()) == Size(50, 70, 3)


@pytest.mark.parametrize("octets", [b"\xff\xd8" + SOF, SIZ], ids=["JPEG", "JPEG 2000"])
def test_cut_anywhere(octets: bytes) -> None:
    """A codestream that ends anywhere raises nothing."""
    for end in range(len(octets)):
        assert size_of(octets[:end]) in {None, size_of(octets)}
