"""Where frames show text, and the frames without it."""

import numpy as np
import pytest

from adapters.deidentify.dicom.pixels.form import Form
from adapters.deidentify.dicom.pixels.redacting import Pixels, RedactingHere
from adapters.deidentify.dicom.pixels.search import Box
from adapters.deidentify.errors import HeldBackError
from tests.adapters.deidentify.dicom.pixels.doubles import SIDE, Bright, Stubborn, frame, rle
from tests.adapters.deidentify.dicom.pixels.test_frames import SYNTAX, items

NATIVE = "1.2.840.10008.1.2.1"


def form(count: int) -> Form:
    """Return the form of so many frames."""
    return Form(SIDE, SIDE, 1, count, 8, 8, is_signed=False, is_planar=False, photometric="MONOCHROME2")


def pixels(count: int, *, is_coded: bool) -> Pixels:
    """Return frames of which the second one shows text."""
    frames = [frame(has_text=each == 1) for each in range(count)]
    if is_coded:
        return Pixels(form(count), SYNTAX, items(*map(rle, frames)))
    return Pixels(form(count), NATIVE, b"".join(each.tobytes() for each in frames))


@pytest.mark.parametrize("is_coded", [False, True])
@pytest.mark.parametrize("count", [2, 20])
def test_text(count: int, *, is_coded: bool) -> None:
    """Text is found, and covered in each frame; without any, nothing is to be covered but what is known."""
    given = pixels(count, is_coded=is_coded)
    redacting = RedactingHere(Bright)
    boxes = redacting.boxes(given, set())
    made = list(redacting.covered(given, boxes))
    assert count == len(made)
    for octets, written in made:
        shown = np.frombuffer(octets, np.uint8).reshape(SIDE, SIDE)
        assert (SIDE, SIDE) == (written.rows, written.columns)
        assert shown.max() < 150
        assert (shown[10:14, 8:24] == shown.min()).all()
    known = {Box(0, 0, 2, 2)}
    blank = Pixels(form(1), NATIVE, frame(has_text=False).tobytes())
    assert set() == redacting.boxes(blank, set())
    assert known == redacting.boxes(blank, known)


def test_text_that_is_left() -> None:
    """If text can still be read, the object is held back."""
    with pytest.raises(HeldBackError, match="can still be read"):
        RedactingHere(Stubborn).boxes(pixels(2, is_coded=False), set())


@pytest.mark.parametrize(("most", "sizes"), [(1, [1] * 5), (2 * SIDE * SIDE, [2, 2, 1]), (10**6, [5])])
def test_parts(most: int, sizes: list[int]) -> None:
    """Compressed frames come in parts of whole frames, and say the same."""
    whole = pixels(5, is_coded=True)
    parts = list(whole.parts(most))
    assert sizes == [each.form.frames for each in parts]
    shown = [octets for each in parts for octets, _ in RedactingHere(Bright).covered(each, set())]
    assert [octets for octets, _ in RedactingHere(Bright).covered(whole, set())] == shown


def test_parts_that_are_missing() -> None:
    """Fewer frames than the header says are not divided."""
    whole = pixels(5, is_coded=True)
    with pytest.raises((HeldBackError, ValueError)):
        list(Pixels(form(6), whole.syntax, whole.octets).parts(1))


def test_nothing_to_close() -> None:
    """In this process there is nothing to close: it goes on."""
    redacting = RedactingHere(Bright)
    redacting.close()
    assert redacting.boxes(pixels(2, is_coded=False), set())
