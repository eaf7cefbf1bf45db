"""Pictures of a frame in which a detector can see text: by two windows, in tiles, each in several sizes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.deidentify.dicom.pixels.detector import Found, Picture

TINY, SMALL, LARGE = 2**16, 2_000_000, 4_000_000
"""Pixels of a frame. Up to the second number letters of 8 pixels are looked for: the network finds them if they are
enlarged. Above the third one turned letters are looked for in half the size."""
SIDE, OVERLAP = 832, 80
"""The longest side of an enlarged tile, which takes 300 MiB; a line on the edge of a tile is whole in another one."""
SAMPLES = 2**20
"""Of about so many pixels the percentiles are taken."""


class Enlarged(NamedTuple):
    """How many times a picture is enlarged. Turned letters are rare, so that less is spent on them."""

    upright: float
    turned: float


def enlarged(pixels: int) -> Enlarged:
    """Return how much a frame of so many pixels is enlarged at first."""
    if pixels <= TINY:
        return Enlarged(3.0, 2.0)
    if pixels <= SMALL:
        return Enlarged(2.0, 1.6)
    return Enlarged(1.3, 1.0 if pixels <= LARGE else 0.5)


def less_enlarged(pixels: int) -> Enlarged:
    """Return how much for the second window, in which letters have much contrast, and for the look after a redaction.

    Another size shows other lines, and it takes less than half of the time.
    """
    return Enlarged(1.3, 1.0) if pixels <= SMALL else Enlarged(0.65, 0.5)


class Window(NamedTuple):
    """What becomes black, and what white."""

    low: float
    high: float


COLOURS = Window(0, 255)


def windows(frame: NDArray[Any]) -> list[Window]:
    """Return the windows of a frame: of one in colours one, of one in grey mostly two.

    They are without its brightest and darkest pixels, and the whole range.
    By the first one letters stand out from tissue of similar brightness. By the second one, if there is one, one sees
    those that are far brighter than any tissue, which the first one shows as white as bone.
    """
    if frame.ndim == 3:
        return [COLOURS]
    least, most = float(frame.min()), float(frame.max())
    if most <= least:
        return []
    step = max(1, int((frame.size / SAMPLES) ** 0.5))
    low, high = (float(each) for each in np.percentile(frame[::step, ::step], (0.5, 99.5)))
    whole = Window(least, most)
    if high <= low or (high - low) > 0.9 * (most - least):
        return [whole]
    return [Window(low, high), whole]


def picture(part: NDArray[Any], window: Window) -> Picture:
    """Return what a part of a frame shows: of one in colours itself, of one in grey by the window."""
    if part.ndim == 3:
        return np.ascontiguousarray(part[:, :, ::-1]).astype(np.uint8, copy=False)  # the network expects B, G, R
    low, high = window
    grey = np.clip((part.astype(np.float32) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def tiles(frame: NDArray[Any], times: float) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """Yield the parts of a frame that is enlarged so many times, with the left and upper edge of each."""
    height, width = frame.shape[:2]
    most = int(SIDE / times)
    for top, bottom in _parts(height, most):
        for left, right in _parts(width, most):
            yield left, top, frame[top:bottom, left:right]


def _parts(length: int, most: int) -> list[tuple[int, int]]:
    """Return parts of equal length that overlap and have at most *most* pixels."""
    count = 1 if length <= most else -(-(length - OVERLAP) // (most - OVERLAP))
    size = -(-(length + (count - 1) * OVERLAP) // count)
    starts = [round(each * (length - size) / (count - 1)) if count > 1 else 0 for each in range(count)]
    return [(start, start + size) for start in starts]


def turned_back(found: Found, width: int) -> Found:
    """Return where a line of a frame turned by ``rot90`` is in the upright one, which is *width* pixels wide."""
    return Found(width - found.bottom, found.left, width - found.top, found.right, found.thickness)
