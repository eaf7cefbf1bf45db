"""What is measured of the search for text: lines of which sort on frames of which sort, and how many must be found."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import pydicom
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array

from tests.adapters.deidentify.dicom.pixels import backgrounds
from tests.adapters.deidentify.dicom.pixels.backgrounds import Frame
from tests.adapters.deidentify.dicom.pixels.planted import LARGEST, SMALLEST, Ink, Line, plant, seeded
from tests.dicom_files import shipped

CORPUS = Path(__file__).parents[6] / "shared/corpus/dicom"
LINES_OF_FRAME = 8
Part = tuple[slice, slice]


def real(name: str, part: Part = np.s_[:, :], number: int = 0) -> Frame | None:
    """Return a part of a frame of a file in the corpus, or that pydicom's wheel carries; None without the file."""
    whole = _real(name, number)
    return None if whole is None else whole[part]


@cache
def _real(name: str, number: int) -> Frame | None:
    path = CORPUS / name if "/" in name else shipped(name)
    if not path.exists():
        return None
    data_set = pydicom.dcmread(path)
    frame: Frame = pixel_array(data_set, index=number)
    if data_set.PhotometricInterpretation == "PALETTE COLOR":
        frame = (apply_color_lut(frame, data_set) >> 8).astype("u1")
    return frame


BACKGROUNDS: dict[str, Callable[[Random], Frame | None]] = {
    "black": lambda _: backgrounds.black(),
    "CR, made": lambda chance: backgrounds.radiograph(chance, 480, 560),
    "CR, made, 2100 by 1800": lambda chance: backgrounds.radiograph(chance, 2100, 1800),
    "CR, made, 3000 by 2400": lambda chance: backgrounds.radiograph(chance, 3000, 2400),
    "CR, a leg": lambda _: real("pydicom-data/RG3_J2KI.dcm", np.s_[400:880, 500:1100]),
    "CR, a chest": lambda _: real("presidio/0_ORIGINAL_compressed.dcm", np.s_[500:980, 300:900]),
    "CT, a jaw": lambda _: real("dcm4che/CT-JPEGLosslessSV1.dcm"),
    "CT, a chest": lambda _: real("fo-dicom/CT1_J2KI.dcm"),
    "CT, a skull": lambda _: real("693_J2KI.dcm"),
    "MR, an abdomen": lambda _: real("examples_overlay.dcm"),
    "MR, a pelvis": lambda _: real("suyashkumar/3.dcm"),
    "CT, a chest of 128 by 128": lambda _: real("CT_small.dcm"),
    "US, made": lambda chance: backgrounds.ultrasound(chance, 450, 600),
    "US, a heart": lambda _: real("dcm4che/US-RGB-8-epicard.dcm"),
    "US, a heart with Doppler": lambda _: real("fo-dicom/GH538-jpeg14sv1.dcm"),
    "US, a lymph node": lambda _: real("examples_jpeg2k.dcm"),
    "US, an embryo": lambda _: real("examples_palette.dcm"),
}
"""Real images have the name of what they show. Those of ultrasound have text of their own, too."""
LARGE_ONES = ("CR, made, 2100 by 1800", "CR, made, 3000 by 2400")
COLOURS = {"yellow": (255, 255, 0), "green": (0, 200, 0), "red": (220, 0, 0), "blue": (60, 60, 255)}
BEYOND = 30000
"""Of a pixel; tissue has 4,095 at most."""


class Row(NamedTuple):
    """Lines of one sort on frames of one sort."""

    background: str
    how: str
    ink: Ink
    sizes: tuple[int, int] = (SMALLEST, LARGEST)

    @property
    def name(self) -> str:
        """What a table says."""
        return f"{self.background}: {self.how}" if self.how else self.background


PLAIN = [Row(each, "", Ink()) for each in BACKGROUNDS if each not in LARGE_ONES]
OTHER = [
    *(
        Row(each, "darker than what surrounds them", Ink(is_dark=True))
        for each in ("CR, made", "CR, a chest", "CT, a chest", "CT, a skull", "MR, a pelvis")
    ),
    *(Row("US, made", how, Ink(colour=colour)) for how, colour in COLOURS.items()),
    *(Row("US, a heart", how, Ink(colour=colour)) for how, colour in COLOURS.items()),
    *(
        Row(each, "beyond the window", Ink(beyond=BEYOND))
        for each in ("CR, made", "CT, a jaw", "CT, a skull", "MR, an abdomen")
    ),
]
TURNED = [
    Row(each, f"turned by {90 * turns}°", Ink(turns=turns))
    for each in ("black", "CR, made", "CT, a jaw", "MR, an abdomen", "US, made", "US, a heart")
    for turns in (1, 3)
]
UPSIDE_DOWN = [Row(each, "turned by 180°", Ink(turns=2)) for each in ("CR, made", "CT, a jaw", "US, made")]
FAINT = [
    Row(each, f"{contrast} grey levels", Ink(contrast=contrast))
    for each in ("CR, made", "CT, a jaw", "US, made")
    for contrast in (45, 30, 20, 12)
]


LARGE = [
    Row(each, f"{sizes[0]} to {sizes[1]} pixels", Ink(), sizes) for each in LARGE_ONES for sizes in ((8, 14), (15, 40))
]
"""Frames that are enlarged less (views.SMALL, views.LARGE)."""


class Group(NamedTuple):
    """Rows that have a limit together: the part of their lines that must be hidden."""

    name: str
    rows: list[Row]
    frames: int
    least: float


GROUPS = [
    Group("60 grey levels, upright", PLAIN + OTHER, 2, 0.99),
    Group("turned by 90° and 270°", TURNED, 2, 0.95),
    Group("turned by 180°", UPSIDE_DOWN, 2, 0.95),
    Group("less contrast", FAINT, 1, 0.0),
    Group("large frames", LARGE, 1, 0.0),
]


def frames(row: Row, count: int) -> Iterator[tuple[Frame, list[Line]]]:
    """Yield so many frames of a row, each with its lines; none if the background is not there."""
    for chance in seeded(count):
        background = BACKGROUNDS[row.background](chance)
        if background is None:
            return
        yield plant(background, chance, row.ink, count=LINES_OF_FRAME, sizes=row.sizes)
