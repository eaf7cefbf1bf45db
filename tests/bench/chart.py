"""The result as a picture: for each charted case a bar for each contender, its whisker from least to most."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.bench.measure import Measured
from tests.bench.table import number

WIDTH, MARGIN, COLUMNS = 1400, 24, 2
TITLE, BAR, GAP = 34, 18, 8
LABEL, VALUE = 250, 90
INK, PAPER = "#1f2933", "#ffffff"
SUBJECT, LIMIT, PEER = "#0b7285", "#ced4da", "#e8590c"
SCALE = 2
"""Pixels for each unit above, for sharp text."""


def draw(results: Sequence[Measured], path: Path) -> None:
    """Write the chart of the charted cases among *results* to *path*."""
    charted = [each for each in results if each.case.charted]
    rows = [charted[at : at + COLUMNS] for at in range(0, len(charted), COLUMNS)]
    heights = [max(map(_height, row)) + MARGIN for row in rows]
    image = Image.new("RGB", (WIDTH * SCALE, (MARGIN + sum(heights)) * SCALE), PAPER)
    canvas, width, top = ImageDraw.Draw(image), (WIDTH - MARGIN) // COLUMNS, MARGIN
    for row, height in zip(rows, heights, strict=True):
        for column, each in enumerate(row):
            _Panel(canvas, MARGIN + column * width, top, width - MARGIN).draw(each)
        top += height
    image.save(path, optimize=True)


def _height(measured: Measured) -> int:
    return TITLE + len(measured.samples) * (BAR + GAP)


def _color(name: str, subject: str) -> str:
    if name == subject:
        return SUBJECT
    return LIMIT if "bare" in name else PEER


class _Panel:
    """One case."""

    def __init__(self, canvas: ImageDraw.ImageDraw, left: int, top: int, width: int) -> None:
        self._canvas = canvas
        self._left, self._top = left, top
        self._room = width - LABEL - VALUE

    def draw(self, measured: Measured) -> None:
        """Draw title and bars; the longest whisker takes all the room there is."""
        case = measured.case
        self._text(0, 0, f"{case.name}, {case.unit}", 15)
        most = max(measured.value(name).most for name in measured.samples)
        for index, name in enumerate(measured.samples):
            value, top = measured.value(name), TITLE + index * (BAR + GAP)
            self._text(0, top + 2, name.removeprefix("limit: "), 12)
            end, least, longest = (LABEL + self._room * each / most for each in (value.median, value.least, value.most))
            self._box(LABEL, top, end, top + BAR, _color(name, case.subject))
            self._box(least, top + BAR / 2 - 1, longest, top + BAR / 2, INK)
            self._text(longest + 6, top + 2, number(value.median), 12)

    def _text(self, x: float, y: float, text: str, size: int) -> None:
        font = ImageFont.load_default(size * SCALE)
        self._canvas.text(((self._left + x) * SCALE, (self._top + y) * SCALE), text, INK, font)

    def _box(self, left: float, top: float, right: float, bottom: float, color: str) -> None:
        corners = (self._left + left, self._top + top, self._left + max(right, left + 1), self._top + bottom)
        self._canvas.rectangle([each * SCALE for each in corners], color)
