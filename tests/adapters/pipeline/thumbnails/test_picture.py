"""The WebP file: its size, its proportions, and nothing in it but pixels."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from adapters.pipeline.thumbnails.picture import pixel_aspect, scaled_size, webp
from tests.adapters.pipeline.thumbnails.made import ramp, seen, values

SIZES = {
    "CT": ((512, 512, 1.0), (256, 256)),
    "a wide one": ((300, 600, 1.0), (256, 128)),
    "pixels of double height": ((256, 256, 2.0), (128, 256)),
    "pixels of half the height": ((256, 256, 0.5), (256, 128)),
    "a small one is not enlarged": ((64, 32, 1.0), (32, 64)),
    "but for its proportions": ((64, 64, 2.0), (64, 128)),
    "a line": ((1, 4000, 1.0), (256, 1)),
}


@pytest.mark.parametrize(("given", "size"), SIZES.values(), ids=SIZES)
def test_size(given: tuple[int, int, float], size: tuple[int, int]) -> None:
    """The longer side has 256 pixels at most, and the proportions are true."""
    assert size == scaled_size(*given)


def test_aspect() -> None:
    """Pixel Aspect Ratio counts before the spacings; nonsense counts as nothing."""
    assert pixel_aspect(values(PixelAspectRatio=["2", "1"], PixelSpacing=[1, 1])) == 2
    assert pixel_aspect(values(PixelSpacing=[0.5, 1])) == 0.5
    assert pixel_aspect(values(ImagerPixelSpacing=[3, 2])) == 1.5
    assert pixel_aspect(values(PixelSpacing=[1, 1000], ImagerPixelSpacing=[3, 2])) == 1.5
    assert pixel_aspect(values(PixelSpacing=[0, 1])) == 1
    assert pixel_aspect(values()) == 1


def test_only_pixels() -> None:
    """The file has one chunk, of pixels; it is the same each time."""
    levels = ramp(300, 400, "u1", 1)
    made = webp(levels, values())
    assert made == webp(levels.copy(), values())
    assert (made[:4], made[8:16]) == (b"RIFF", b"WEBPVP8 ")
    assert len(made) == 8 + int.from_bytes(made[4:8], "little")
    assert len(made) - 20 == int.from_bytes(made[16:20], "little")
    with Image.open(BytesIO(made)) as image:
        assert not {"exif", "xmp", "icc_profile"} & image.info.keys()


def test_levels() -> None:
    """Grey stays grey, colours stay what they are."""
    grey = seen(webp(np.full((50, 50), 100, "u1"), values()))
    assert np.abs(grey.astype(int) - 100).max() <= 2
    red = seen(webp(np.full((50, 50, 3), (200, 0, 0), "u1"), values()))
    assert np.abs(red.astype(int) - (200, 0, 0)).max() <= 6
