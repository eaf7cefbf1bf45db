"""Which of the areas that a detector finds are covered, and that lines planted into frames are found."""

import numpy as np
import pytest

from adapters.deidentify.dicom.pixels.detector import Detector, Found, Picture
from adapters.deidentify.dicom.pixels.search import Box, text_in
from tests.adapters.deidentify.dicom.pixels import clean, rows
from tests.adapters.deidentify.dicom.pixels.backgrounds import black
from tests.adapters.deidentify.dicom.pixels.measuring import covered, measured, table

MOST_COVERED, MOST_OF_ONE = 0.005, 0.05
"""Part of the pixels without text that may be covered by mistake: of all frames, and of one."""


class Lines:
    """A detector that finds and reads what it is told."""

    def __init__(self, found: list[Found], said: tuple[str, float] = ("", 0.0)) -> None:
        self._found, self._said = found, said
        self.seen: list[tuple[int, ...]] = []

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return the lines for the first picture, none for those after it."""
        self.seen.append(picture.shape)
        return self._found if len(self.seen) == 1 else []

    def read(self, lines: list[Picture]) -> list[tuple[str, float]]:
        """Return the same text for each."""
        return [self._said] * len(lines)


FRAME = black(400, 300)
FRAME[0, 0] = 255


def test_thin_lines_are_text() -> None:
    """A line that is thin is covered, with a margin, although it cannot be read."""
    assert {Box(0, 17, 120, 43)} == text_in(FRAME, Lines([Found(10, 20, 110, 40, 20.0)]))


def test_thick_lines_must_be_read() -> None:
    """A thick area is covered if it can be read, and otherwise looked into once more."""
    thick = Found(10, 20, 210, 120, 100.0)
    unread = Lines([thick])
    assert {Box(0, 5, 260, 135)} == text_in(FRAME, Lines([thick], ("DOE", 0.9)))
    assert set() == text_in(FRAME, unread)
    assert (100, 200, 3) in unread.seen


@pytest.mark.parametrize(
    ("said", "is_text"), [(("", 0.9), False), (("P", 0.6), False), (("L", 0.9), True), (("45", 0.6), True)]
)
def test_short_lines_must_be_read(said: tuple[str, float], is_text: bool) -> None:
    """What is thin and short is covered only if it can be read, of two letters with less certainty than of one."""
    assert is_text == bool(text_in(FRAME, Lines([Found(10, 20, 40, 40, 20.0)], said)))


def test_ends_of_a_line() -> None:
    """More is covered where a line begins and ends: upright on the left and right, turned above and below."""
    ((left, top, right, bottom),) = text_in(FRAME, Lines([Found(100, 100, 118, 200, 18.0)]))
    assert (97, 121) == (left, right)
    assert (91, 209) == (top, bottom)


def test_only_readable() -> None:
    """After a redaction only what can be read counts as text."""
    thin = [Found(10, 20, 110, 40, 20.0)]
    assert set() == text_in(FRAME, Lines(thin, ("-", 0.9)), only_readable=True)
    assert 1 == len(text_in(FRAME, Lines(thin, ("DOE", 0.9)), only_readable=True))


def test_tiles() -> None:
    """The areas of a large frame, which is looked at in tiles, are those of the whole frame."""
    frame = np.zeros((2400, 2000), np.uint8)
    frame[0, 0] = 255
    lines = Lines([Found(10, 20, 110, 40, 20.0)])
    assert {Box(0, 17, 120, 43)} == text_in(frame, lines)
    assert len(lines.seen) > 2


def detector() -> Detector:
    """Return the detector of the wheel; skips without the extra."""
    pytest.importorskip("rapidocr_onnxruntime")
    pytest.importorskip("openjpeg")
    from adapters.deidentify.dicom.pixels.detector import shared_detector  # noqa: PLC0415

    return shared_detector()


@pytest.mark.slow
def test_sample() -> None:
    """Of a few lines on each sort of background each one is hidden."""
    found = [measured(row, 1, detector()) for row in rows.OTHER[::3]]
    assert not [size for each in found for size in each.seen]


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_all(capsys: pytest.CaptureFixture[str]) -> None:
    """The limits hold for lines of all sorts, and for frames without text; prints the table of the documentation."""
    every = {row: measured(row, group.frames, detector()) for group in rows.GROUPS for row in group.rows}
    empty = covered(clean.frames(), detector())
    with capsys.disabled():
        print("\n".join(table(every, empty)))  # noqa: T201
    for group in rows.GROUPS:
        found = [every[row] for row in group.rows]
        assert sum(each.hidden for each in found) >= group.least * sum(each.lines for each in found), group.name
    assert empty.share <= MOST_COVERED
    assert max(empty.parts.values(), default=0.0) <= MOST_OF_ONE
