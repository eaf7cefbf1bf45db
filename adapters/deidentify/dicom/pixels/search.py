"""Where a frame shows text: what the detector finds in its pictures, by a rule that tells lines from organs."""

from collections.abc import Iterable, Iterator, Set
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.deidentify.dicom.pixels import views
from adapters.deidentify.dicom.pixels.detector import Detector, Found, Picture

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
    boxes = set[Box]()
    for number, window in enumerate(views.windows(frame)):
        is_first = number == 0 and not only_readable
        times = (views.enlarged if is_first else views.less_enlarged)(height * width)
        for look in (Look(frame, window, times.upright), Look(np.rot90(frame), window, times.turned, is_turned=True)):
            for found in _lines(look, detector, thin, boxes):
                boxes.add(_padded(found, height, width))
    return boxes


class Look(NamedTuple):
    """A frame, and how it is looked at."""

    frame: NDArray[Any]
    """It is turned already."""
    window: views.Window
    enlarged: float
    is_turned: bool = False

    def upright(self, found: Found) -> Found:
        """Return where a line is in the frame that is not turned."""
        return views.turned_back(found, self.frame.shape[0]) if self.is_turned else found

    def cut(self, found: Found) -> Picture:
        """Return the picture of an area."""
        return views.picture(self.frame[found.top : found.bottom, found.left : found.right], self.window)


def _lines(look: Look, detector: Detector, thin: float, known: Set[Box]) -> Iterator[Found]:
    """Yield the lines in a picture that are not in *known* areas: first those that need not be read.

    Inside what is too thick for a line, and cannot be read, it looks once more.
    """
    for found in sorted(_candidates(look, detector), key=lambda each: _must_be_read(each, thin)):
        if any(_is_inside(look.upright(found), each) for each in known):
            continue
        if _is_text(look, found, detector, thin):
            yield look.upright(found)
        elif found.thickness > thin:
            for inner in detector.find(look.cut(found), look.enlarged):
                moved = _moved(inner, found.left, found.top)
                if _is_text(look, moved, detector, thin):
                    yield look.upright(moved)


def _candidates(look: Look, detector: Detector) -> Iterator[Found]:
    for left, top, tile in views.tiles(look.frame, look.enlarged):
        for found in detector.find(views.picture(tile, look.window), look.enlarged):
            yield _moved(found, left, top)


def _must_be_read(found: Found, thin: float) -> bool:
    length = max(found.right - found.left, found.bottom - found.top)
    return found.thickness > thin or length < SHORT * found.thickness


def _is_text(look: Look, found: Found, detector: Detector, thin: float) -> bool:
    if not _must_be_read(found, thin):
        return True
    return _is_read(look.cut(found), detector, THICK if found.thickness > thin else THIN_AND_SHORT)


def _is_read(line: Picture, detector: Detector, enough: Iterable[Reading]) -> bool:
    """Whether a line can be read as it is, or turned upside down; one that is high as it is turned by 90 degrees."""
    upright = np.rot90(line, 3) if line.shape[0] > TALL * line.shape[1] else line
    for turns in (0, 2):
        ((text, sure),) = detector.read([np.ascontiguousarray(np.rot90(upright, turns))])
        letters = sum(map(str.isalnum, text))
        if any(letters >= each.letters and sure >= each.sure for each in enough):
            return True
    return False


def _moved(found: Found, x: int, y: int) -> Found:
    return Found(found.left + x, found.top + y, found.right + x, found.bottom + y, found.thickness)


def _is_inside(found: Found, box: Box) -> bool:
    return (
        box.left <= found.left
        and box.top <= found.top
        and found.right <= box.right
        and found.bottom <= box.bottom
    )  # fmt: skip


def _padded(found: Found, height: int, width: int) -> Box:
    side = max(PAD, round(PAD_PART * found.thickness))
    end = max(END, round(END_PART * found.thickness))
    is_level = found.right - found.left >= found.bottom - found.top
    x, y = (end, side) if is_level else (side, end)
    return Box(
        max(0, found.left - x), max(0, found.top - y), min(width, found.right + x), min(height, found.bottom + y)
    )
