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
"""Fonts of the system; one that is not there is left out, and Pillow's own is always used."""
SMALLEST, LARGEST = 8, 40
FIRST = ("ANNA", "PETER", "Maria", "Jonas", "ELENA", "Karl", "Sofia", "OLIVER", "Ingrid", "Paul")
LAST = ("MUELLER", "Smith", "GARCIA", "Novak", "OKAFOR", "Lindqvist", "ROSSI", "Tanaka", "DUBOIS", "Haddad")
INK = 0.3
"""Pixels with less than this share of ink are not counted: they are the soft edge of a letter."""
HIDDEN = 0.95
"""Part of the ink of a line that must be covered so that it counts as hidden."""


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


def drawn(words: str, size: int, chance: Random) -> NDArray[np.float32]:
    """Return how much ink each pixel of *words* has, from 0 to 1."""
    path = chance.choice([each for each in FAMILIES if Path(each).exists()] + [""])
    font = ImageFont.truetype(path, size) if path else ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(words)
    image = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), words, fill=255, font=font)
    ink: NDArray[np.float32] = np.asarray(image, np.float32) / np.float32(255)
    return ink


def plant(
    frame: Frame,
    chance: Random,
    *,
    count: int = 4,
    contrast: float | None = 60,
    turns: int = 0,
    is_dark: bool = False,
    colour: tuple[int, int, int] | None = None,
    beyond: float | None = None,
    sizes: tuple[int, int] = (SMALLEST, LARGEST),
) -> tuple[Frame, list[Line]]:
    """Return *frame* with *count* lines, and the lines.

    A line is brighter, or darker, by *contrast* of 255 grey levels than what surrounds it; None is white, or black.
    *turns* are quarters of a circle. *colour* is that of the ink, *beyond* its value.
    """
    made, lines = frame.copy(), list[Line]()
    low, high = _display(frame)
    step = (high - low) / 255
    taken = np.zeros(frame.shape[:2], bool)
    for _ in range(count * 40):
        if len(lines) == count:
            break
        size = chance.randint(*sizes)
        ink = np.rot90(drawn(text(chance), size, chance), turns)
        height, width = ink.shape
        if height + 8 >= frame.shape[0] or width + 8 >= frame.shape[1]:
            continue
        y, x = chance.randint(4, frame.shape[0] - height - 4), chance.randint(4, frame.shape[1] - width - 4)
        around = np.s_[y - 3 : y + height + 3, x - 3 : x + width + 3]
        if taken[around].any():
            continue
        value = _value(frame[around], low, high, None if contrast is None else contrast * step, is_dark)
        if value is None and beyond is None and colour is None:
            continue
        if colour is not None and frame[around].mean() > 60:
            continue
        taken[y - 8 : y + height + 8, x - 8 : x + width + 8] = True
        whole = np.zeros(frame.shape[:2], bool)
        whole[y : y + height, x : x + width] = ink > INK
        target: Any = colour if colour is not None else value if beyond is None else beyond
        part = made[y : y + height, x : x + width]
        share = ink if frame.ndim == 2 else ink[:, :, None]
        part[...] = np.round(part * (1 - share) + np.asarray(target) * share).astype(frame.dtype)
        lines.append(Line(size, whole))
    return made, lines


def _display(frame: Frame) -> tuple[float, float]:
    """Return the values that a viewer shows as black and white."""
    if frame.dtype == np.uint8:
        return 0.0, 255.0
    low, high = np.percentile(frame, (0.5, 99.5))
    return float(low), float(high)


def _value(around: Frame, low: float, high: float, contrast: float | None, is_dark: bool) -> float | None:
    """Return the value of the ink that differs by *contrast* from 95 of 100 pixels around it, None if there is none."""
    if contrast is None:
        return low if is_dark else high
    if is_dark:
        value = float(np.percentile(around, 5)) - contrast
        return value if value >= low else None
    value = float(np.percentile(around, 95)) + contrast
    return value if value <= high else None


def black(height: int = 480, width: int = 640) -> Frame:
    """Return a frame without anything in it."""
    return np.zeros((height, width), np.uint8)


def radiograph(chance: Random, height: int = 900, width: int = 760) -> Frame:
    """Return something like a chest: soft shapes of 12 bits, and noise."""
    noise = np.random.default_rng(chance.randint(0, 2**31))
    y, x = np.mgrid[0:height, 0:width] / (height, width)[0]
    field = 1800 + 900 * np.exp(-(((x - 0.42) / 0.12) ** 2))
    for centre in (0.2, 0.64):
        field -= 1200 * np.exp(-(((x - centre) / 0.13) ** 2) - ((y - 0.45) / 0.27) ** 2)
    for rib in range(9):
        field += 150 * np.exp(-(((y - 0.1 - rib * 0.09 - 0.4 * (x - 0.42) ** 2) / 0.012) ** 2))
    noisy: Frame = np.clip(field + noise.normal(0, 25, field.shape), 0, 4095).astype(np.uint16)
    return noisy


def ultrasound(chance: Random, height: int = 600, width: int = 800) -> Frame:
    """Return a sector of speckles in colours on black."""
    noise = np.random.default_rng(chance.randint(0, 2**31))
    y, x = np.mgrid[0:height, 0:width]
    radius, angle = np.hypot(x - width / 2, y + 60), np.arctan2(x - width / 2, y + 60)
    inside = (radius > 110) & (radius < height) & (np.abs(angle) < 0.7)
    layers = 60 + 40 * np.sin(radius / 37 + 2 * np.sin(angle * 4))
    speckles = noise.rayleigh(0.8, layers.shape)
    near = [np.roll(speckles, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    grey = np.where(inside, np.clip(layers * np.mean(near, axis=0), 0, 255), 0).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def seeded(count: int, seed: int = 23) -> Iterator[Random]:
    """Yield *count* sources of chance that are the same in every run."""
    for each in range(count):
        yield Random(seed * 1000 + each)
