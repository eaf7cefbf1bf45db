"""Files of pixels alone."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from adapters.pipeline.gate.webp import is_only_pixels
from tests.adapters.pipeline.gate.support import picture


def saved(**more: Any) -> bytes:
    """Return a WebP file as Pillow writes it."""
    made = BytesIO()
    with Image.open(BytesIO(picture())) as image:
        image.save(made, "WEBP", **more)
    return made.getvalue()


EXIF = Image.Exif()
EXIF[0x010E] = "Musterfrau"


@pytest.mark.parametrize("octets", [picture(), saved(quality=50), saved(lossless=True)], ids=["ours", "VP8", "VP8L"])
def test_pixels(octets: bytes) -> None:
    """Lossy and lossless files of pixels."""
    assert is_only_pixels(octets)


WRONG = {
    "EXIF": saved(exif=EXIF),
    "XMP": saved(xmp=b"<x>Musterfrau</x>"),
    "a colour profile": saved(icc_profile=b"Musterfrau" * 20),
    "more behind it": picture() + b"Musterfrau",
    "less": picture()[:-1],
    "another length": picture()[:4] + b"\xff\xff\0\0" + picture()[8:],
    "padding that is none": b"RIFF\x12\0\0\0WEBPVP8 \x05\0\0\0pixelx",
    "no padding": b"RIFF\x11\0\0\0WEBPVP8 \x05\0\0\0pixel",
    "a JPEG": b"\xff\xd8\xff\xd9",
    "nothing": b"",
}


@pytest.mark.parametrize("octets", WRONG.values(), ids=WRONG)
def test_more(octets: bytes) -> None:
    """Anything beside the pixels is seen."""
    assert not is_only_pixels(octets)
