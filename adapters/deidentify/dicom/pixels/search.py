"""Where a frame shows text: what the detector finds in its pictures, by a rule that tells lines from organs."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.deidentify.dicom.pixels import views
from adapters.deidentify.dicom.pixels.detector import Detector, Found, Picture
from adapters.deidentify.dicom.pixels.views import Enlarged

THIN, THIN_PART = 20, 0.065
"""A line is at most so many pixels thick, or this part of the image: the detector takes whole skulls for a line."""
SHORT = 4.0
"""What is shorter than so many times its thickness must be read, too: the detector takes ends of bones for a letter."""
TALL = 1.5
"""What is so many times as high as it is wide is turned before it is read."""
PAD, PAD_PART = 3, 0.15
"""What is covered above and below a line: pixels, or this part of its thickness."""
END, END_PART = 5, 0.5
"""What is covered before and behind it: the first or the last letter may be missing in what the detector finds."""
HALF = 2


class Reading(NamedTuple):
    """How many letters or digits must be read, and how certain that must be, from 0 to 1."""

    letters: int
    sure: float


THICK = (Reading(2, 0.85),)
THIN_AND_SHORT = (Reading(2, 0.5), Reading(1, 0.85))


class Box(NamedTuple):
    """An area of a frame: columns from *left* up to *right*, rows from *top* up to *bottom*."""

    left: int
    top: int
    right: int
    bottom: int


def text_in(frame: NDArray[Any], detector: Detector, *, only_readable: bool = False) -> set[Box]:
    """Return the areas of a frame that show text: *frame* is height by width in grey, or by 3 in colours of 8 bits.

    With *only_readable* a line counts if it can be read, however thin it is.
    """
    height, width = frame.shape[:2]
    thin = 0.0 if only_readable else max(THIN, THIN_PART * min(height, width))
    times = views.AGAIN if only_readable else views.enlarged(height * width)
    boxes = set()
    for picture in views.pictures(frame):
        scale = 1
        if height * width > views.MOST_AT_FULL_SIZE:
            picture, scale = views.halved(picture), HALF  # noqa: PLW2901  the same picture
        for found in _in_both_directions(picture, times, detector, thin / scale):
            boxes.add(_padded(found, scale, height, width))
    return boxes


def _in_both_directions(picture: Picture, times: Enlarged, detector: Detector, thin: float) -> Iterator[Found]:
    yield from _in_tiles(picture, times.upright, detector, thin)
    for found in _in_tiles(views.turned(picture), times.turned, detector, thin):
        yield views.turned_back(found, picture.shape[1])


def _in_tiles(picture: Picture, times: float, detector: Detector, thin: float) -> Iterator[Found]:
    for left, top, tile in views.tiles(picture, times):
        for found in _lines(tile, times, detector, thin):
            yield _moved(found, left, top)


def _lines(
    picture: Picture, times: float, detector: Detector, thin: float, *, is_inside: bool = False
) -> Iterator[Found]:
    """Yield the lines in a picture; inside what is too thick for one, and cannot be read, it looks once more."""
    for found in detector.find(picture, times):
        if _is_text(picture, found, detector, thin):
            yield found
        elif found.thickness > thin and not is_inside:
            for inner in _lines(_cut(picture, found), times, detector, thin, is_inside=True):
                yield _moved(inner, found.left, found.top)


def _is_text(picture: Picture, found: Found, detector: Detector, thin: float) -> bool:
    if found.thickness > thin:
        return _is_read(_cut(picture, found), detector, THICK)
    length = max(found.right - found.left, found.bottom - found.top)
    return length >= SHORT * found.thickness or _is_read(_cut(picture, found), detector, THIN_AND_SHORT)


def _is_read(line: Picture, detector: Detector, enough: Iterable[Reading]) -> bool:
    """Whether a line can be read as it is, or turned upside down; one that is high as it is turned by 90 degrees."""
    upright = np.rot90(line, 3) if line.shape[0] > TALL * line.shape[1] else line
    for turns in (0, 2):
        ((text, sure),) = detector.read([np.ascontiguousarray(np.rot90(upright, turns))])
        letters = sum(map(str.isalnum, text))
        if any(letters >= each.letters and sure >= each.sure for each in enough):
            return True
    return False


def _cut(picture: Picture, found: Found) -> Picture:
    return np.ascontiguousarray(picture[found.top : found.bottom, found.left : found.right])


def _moved(found: Found, x: int, y: int) -> Found:
    return Found(found.left + x, found.top + y, found.right + x, found.bottom + y, found.thickness)


def _padded(found: Found, scale: int, height: int, width: int) -> Box:
    side = max(PAD, round(PAD_PART * found.thickness * scale))
    end = max(END, round(END_PART * found.thickness * scale))
    is_level = found.right - found.left >= found.bottom - found.top
    x, y = (end, side) if is_level else (side, end)
    return Box(
        max(0, found.left * scale - x),
        max(0, found.top * scale - y),
        min(width, found.right * scale + x),
        min(height, found.bottom * scale + y),
    )
