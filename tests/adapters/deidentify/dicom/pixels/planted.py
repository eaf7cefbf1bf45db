"""Frames with lines of text in them, made from a seed, and how much of each line is still to be seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from adapters.deidentify.dicom.pixels.search import Box

Frame = NDArray[Any]
FAMILIES = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSansNarrow-Regular.ttf",
)
"""Fonts of the system; one that is not there is left out, and Pillow's own two are always used."""
SMALLEST, LARGEST = 8, 40
FIRST = ("ANNA", "PETER", "Maria", "Jonas", "ELENA", "Karl", "Sofia", "OLIVER", "Ingrid", "Paul")
LAST = ("MUELLER", "Smith", "GARCIA", "Novak", "OKAFOR", "Lindqvist", "ROSSI", "Tanaka", "DUBOIS", "Haddad")
INK = 0.3
"""Pixels with less than this share of ink are not counted: they are the soft edge of a letter."""
HIDDEN = 0.95
"""Part of the ink of a line that must be covered so that it counts as hidden."""
EDGE = 4
"""A line is at least so far away from the edges of its frame."""
TRIES = 40
"""Places that are tried for each line."""
OVERDRAWN = 0.002
"""Part of the pixels around a line that may be as bright as the line: it is not written over text and drawings."""
BITMAP = 11
"""The height of Pillow's bitmap font, which is enlarged as devices enlarge theirs: each pixel to a square of pixels."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in a frame."""

    size: int
    """Of the font, in pixels."""
    ink: NDArray[np.bool_]
    """Which pixels of the frame it has drawn."""

    def is_covered(self, boxes: Sequence[Box]) -> bool:
        """Whether *boxes* cover the line."""
        covered = np.zeros_like(self.ink)
        for left, top, right, bottom in boxes:
            covered[top:bottom, left:right] = True
        return bool((self.ink & covered).sum() >= HIDDEN * self.ink.sum())


def text(chance: Random) -> str:
    """Return what a device writes into an image: a name, a number, a date."""
    date = f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/{chance.randint(1930, 2020)}"
    name = f"{chance.choice(LAST)}^{chance.choice(FIRST)}"
    return chance.choice(
        (
            name,
            name.replace("^", ", "),
            f"{name} {date}",
            f"DOB: {date}",
            f"ID {chance.randint(10**5, 10**8)}",
            f"Acc {chance.randint(10**6, 10**7)} {date}",
        )
    )


def drawn(words: str, size: int, chance: Random) -> tuple[int, NDArray[np.float32]]:
    """Return the size of the font, and how much ink each pixel of *words* has, from 0 to 1."""
    path = chance.choice([each for each in FAMILIES if Path(each).exists()] + ["", "bitmap"])
    times = 1
    if path == "bitmap" and size >= BITMAP:
        font: Any = ImageFont.load_default_imagefont()
        times = size // BITMAP
        size = times * BITMAP
    else:
        font = ImageFont.truetype(path, size) if path not in {"", "bitmap"} else ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(words)
    image = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), words, fill=255, font=font)
    share = np.asarray(image, np.float32) / np.float32(255)
    return size, share.repeat(times, axis=0).repeat(times, axis=1)


@dataclass(frozen=True, slots=True)
class Ink:
    """How lines differ from what surrounds them."""

    contrast: float = 60
    """Grey levels, of 255 of what a viewer shows, above 95 of 100 pixels around a line."""
    is_dark: bool = False
    """Whether a line is darker instead."""
    colour: tuple[int, int, int] | None = None
    """Which differs by the contrast in at least one of red, green and blue."""
    beyond: int | None = None
    """A value far beyond those of the tissue."""
    turns: int = 0
    """Quarters of a circle."""


PLAIN = Ink()


def plant(
    frame: Frame, chance: Random, ink: Ink = PLAIN, *, count: int = 4, sizes: tuple[int, int] = (SMALLEST, LARGEST)
) -> tuple[Frame, list[Line]]:
    """Return *frame* with at most *count* lines of text, and the lines."""
    made, lines = frame.copy(), list[Line]()
    taken = np.zeros(frame.shape[:2], bool)
    for _ in range(count * TRIES):
        if len(lines) == count:
            break
        size, share = drawn(text(chance), chance.randint(*sizes), chance)
        share = np.rot90(share, ink.turns)
        height, width = share.shape
        if height + 2 * EDGE >= frame.shape[0] or width + 2 * EDGE >= frame.shape[1]:
            continue
        y = chance.randint(EDGE, frame.shape[0] - height - EDGE)
        x = chance.randint(EDGE, frame.shape[1] - width - EDGE)
        around = np.s_[y - 3 : y + height + 3, x - 3 : x + width + 3]
        value = None if taken[around].any() else _value(frame[around], ink, _display(frame))
        if value is None:
            continue
        taken[y - 8 : y + height + 8, x - 8 : x + width + 8] = True
        whole = np.zeros(frame.shape[:2], bool)
        whole[y : y + height, x : x + width] = share > INK
        part = made[y : y + height, x : x + width]
        weight = share if frame.ndim == 2 else share[:, :, None]
        part[...] = np.round(part * (1 - weight) + np.asarray(value) * weight).astype(frame.dtype)
        lines.append(Line(size, whole))
    return made, lines


def _display(frame: Frame) -> tuple[float, float]:
    """Return the values that a viewer shows as black and white."""
    if frame.dtype == np.uint8:
        return 0.0, 255.0
    low, high = np.percentile(frame, (0.5, 99.5))
    return float(low), float(high)


def _value(around: Frame, ink: Ink, shown: tuple[float, float]) -> Any:
    """Return the value, or the colour, of the ink; None if a line with it could not be seen at this place."""
    low, high = shown
    contrast = ink.contrast * (high - low) / 255
    if ink.beyond is not None:
        return ink.beyond
    if ink.colour is not None:
        of_each = zip(ink.colour, np.moveaxis(around, 2, 0), strict=True)
        return ink.colour if any(_stands_out(one, values, contrast) for one, values in of_each) else None
    if ink.is_dark:
        value = float(np.percentile(around, 5)) - contrast
        return value if value >= low and _stands_out(-value, -around.astype(np.float64), contrast) else None
    value = float(np.percentile(around, 95)) + contrast
    return value if value <= high and _stands_out(value, around, contrast) else None


def _stands_out(value: float, around: Frame, contrast: float) -> bool:
    """Whether *value* is so far above *around*, in which there is nothing that is drawn and as bright as the line."""
    return bool(value >= np.percentile(around, 95) + contrast - 1e-6 and (around >= value).mean() <= OVERDRAWN)


def seeded(count: int, seed: int = 23) -> Iterator[Random]:
    """Yield *count* sources of chance that are the same in every run."""
    for each in range(count):
        yield Random(seed * 1000 + each)
