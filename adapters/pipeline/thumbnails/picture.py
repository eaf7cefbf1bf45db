"""Levels or colours become a WebP file: scaled to its true proportions, with nothing in it but pixels."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.pipeline.thumbnails.frame_values import FrameValues

SIDE = 256
"""Pixels of the longer side; a smaller image is not enlarged."""
QUALITY, METHOD = 80, 2
"""Of WebP: 1.7 kB for a CT. More work (method 4 and 6) takes three times as long for a few octets less."""
WIDEST = 8.0
"""A pixel that is so many times as high as it is wide, or more, is a mistake of the header."""
SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
"""Distances between rows and between columns (PS3.3 10.7.1.3)."""


def webp(levels: NDArray[np.uint8], values: FrameValues) -> bytes:
    """Return the picture as WebP: the same octets for the same levels."""
    from PIL import Image  # noqa: PLC0415  only with the extra

    height, width = levels.shape[:2]
    size = scaled_size(height, width, pixel_aspect(values))
    image: Any = Image.fromarray(np.ascontiguousarray(levels))
    if size != (width, height):
        image = image.resize(size, Image.Resampling.BOX if size[0] * 2 <= width else Image.Resampling.BILINEAR)
    made = BytesIO()
    image.convert("RGB").save(made, "WEBP", quality=QUALITY, method=METHOD, exif=b"", xmp=b"", icc_profile=b"")
    return made.getvalue()


def scaled_size(height: int, width: int, aspect: float) -> tuple[int, int]:
    """Return width and height of the thumbnail of an image whose pixels are *aspect* times as high as wide."""
    true_height, true_width = height * max(aspect, 1.0), width / min(aspect, 1.0)
    factor = min(1.0, SIDE / max(true_height, true_width))
    return max(1, round(true_width * factor)), max(1, round(true_height * factor))


def pixel_aspect(values: FrameValues) -> float:
    """Return how many times as high as wide a pixel is, by Pixel Aspect Ratio or by the spacing."""
    for keyword in ("PixelAspectRatio", *SPACINGS):
        found = values.numbers(keyword, 2)
        if found is not None and 1 / WIDEST < found[0] / found[1] < WIDEST:
            return found[0] / found[1]
    return 1.0
