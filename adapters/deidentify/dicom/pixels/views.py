"""Pictures of a frame in which a detector can see text: by two windows, upright and turned, in tiles."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.deidentify.dicom.pixels.detector import Found, Picture

MOST_AT_FULL_SIZE = 4_000_000
"""Pixels of a frame above which it is looked at in half its size: its letters are larger, too."""
SMALL = 2_000_000
"""Pixels of a frame up to which letters of 8 pixels are looked for: the network finds them if they are enlarged."""
TINY = 2**16
"""Up to so many more is enlarged: it costs little, and letters are often as small as can be."""
SIDE, OVERLAP = 832, 80
"""The longest side of an enlarged tile, which takes 300 MiB; a line on the edge of a tile is whole in another one."""
SAMPLES = 2**20
"""Of about so many pixels the percentiles are taken."""


class Enlarged(NamedTuple):
    """How many times a picture is enlarged. Turned letters are rare, so that less is spent on them."""

    upright: float
    turned: float


LESS = Enlarged(1.3, 1.0)
"""For the second window, in which letters have much contrast; for large frames; and for the look after a redaction:
another size shows other lines. It takes less than half of the time."""


def enlarged(pixels: int) -> Enlarged:
    """Return how much pictures of a frame of so many pixels are enlarged."""
    if pixels <= TINY:
        return Enlarged(3.0, 2.0)
    return Enlarged(2.0, 1.6) if pixels <= SMALL else LESS


class Window(NamedTuple):
    """What becomes black, and what white."""

    low: float
    high: float


def windows(frame: NDArray[Any]) -> list[Window]:
    """Return the windows of a frame in grey: without its brightest and darkest pixels, and the whole range.

    By the first one letters stand out from tissue of similar brightness. By the second one, if there is one, one sees
    those that are far brighter than any tissue, which the first one shows as white as bone.
    """
    least, most = float(frame.min()), float(frame.max())
    if most <= least:
        return []
    step = max(1, int((frame.size / SAMPLES) ** 0.5))
    low, high = (float(each) for each in np.percentile(frame[::step, ::step], (0.5, 99.5)))
    whole = Window(least, most)
    if high <= low or (high - low) > 0.9 * (most - least):
        return [whole]
    return [Window(low, high), whole]


def pictures(frame: NDArray[Any]) -> Iterator[Picture]:
    """Yield the pictures of a frame: of one in colours itself, of one in grey by each window."""
    if frame.ndim == 3:
        yield np.ascontiguousarray(frame[:, :, ::-1]).astype(np.uint8, copy=False)  # the network expects B, G, R
        return
    for low, high in windows(frame):
        grey = np.clip((frame.astype(np.float32) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
        yield np.repeat(grey[:, :, None], 3, axis=2)


def halved(picture: Picture) -> Picture:
    """Return a picture in half its size, each pixel the mean of four."""
    height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    even = picture[:height, :width].astype(np.uint16)
    total = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return (total // 4).astype(np.uint8)


def tiles(picture: Picture, times: float) -> Iterator[tuple[int, int, Picture]]:
    """Yield the parts of a picture that is enlarged so many times, with the left and upper edge of each."""
    height, width = picture.shape[:2]
    most = int(SIDE / times)
    for top, bottom in _parts(height, most):
        for left, right in _parts(width, most):
            yield left, top, np.ascontiguousarray(picture[top:bottom, left:right])


def _parts(length: int, most: int) -> list[tuple[int, int]]:
    """Return parts of equal length that overlap and have at most *most* pixels."""
    count = 1 if length <= most else -(-(length - OVERLAP) // (most - OVERLAP))
    size = -(-(length + (count - 1) * OVERLAP) // count)
    starts = [round(each * (length - size) / (count - 1)) if count > 1 else 0 for each in range(count)]
    return [(start, start + size) for start in starts]


def turned(picture: Picture) -> Picture:
    """Return a picture turned by 90 degrees against the clock."""
    return np.ascontiguousarray(np.rot90(picture))


def turned_back(found: Found, width: int) -> Found:
    """Return where a line of a turned picture is in the upright one, which is *width* pixels wide."""
    return Found(width - found.bottom, found.left, width - found.top, found.right, found.thickness)
