"""Detectors that need no network, some of which end or stop their process; and frames for them."""

import os
import signal
from pathlib import Path
from struct import pack
from threading import Event
from typing import Any

import numpy as np

from adapters.deidentify.dicom.pixels.detector import Found, Picture

SIDE = 32
BRIGHT = 250
MANY = 40
"""Bright pixels that a line has: the frame without text has 32, whatever the window."""
DEADLY = 64
"""How high and wide a picture is at which the process ends or hangs."""
REACHED = "TEST_REACHED"
"""The variable of the environment with the file that a process makes before it hangs."""


class Bright:
    """A detector that takes what is bright for a line of text."""

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return the area of the brightest pixels."""
        rows, columns = np.nonzero(picture[:, :, 0] >= BRIGHT)
        if len(rows) < MANY:
            return []
        return [Found(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1, 4.0)]

    def read(self, lines: list[Picture]) -> list[tuple[str, float]]:
        """Return a name."""
        return [("DOE", 1.0)] * len(lines)


class TwoLooks(Bright):
    """One that sees nothing beside a spot as long as the spot is there."""

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return the spot in the upright picture, and nothing in the turned one; afterwards what is bright."""
        if picture[20, 0, 0] >= BRIGHT:
            return [Found(0, 20, 1, 21, 1.0)]
        return [] if picture[SIDE - 1, 20, 0] >= BRIGHT else super().find(picture, enlarged)


class Stubborn(Bright):
    """One that sees text wherever it looks."""

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return a line in a corner."""
        return [Found(0, 0, 8, 4, 4.0)]


class Broken(Bright):
    """One that fails."""

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Fail with a text that quotes the image."""
        raise RuntimeError("MUSTERFRAU")


class Crashing(Bright):
    """One that ends its process at some pictures, as a decoder does that crashes."""

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return what is bright, or crash."""
        if len(picture) == DEADLY:
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().find(picture, enlarged)


class Hanging(Bright):
    """One that never returns at some pictures."""

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return what is bright, or nothing, ever."""
        if len(picture) == DEADLY:
            if REACHED in os.environ:
                Path(os.environ[REACHED]).touch()
            Event().wait()
        return super().find(picture, enlarged)


class Loud(Bright):
    """One that prints what it sees, as decoders do."""

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Print a name, on all ways."""
        os.write(1, b"MUSTERFRAU")
        os.write(2, b"MUSTERFRAU")
        return super().find(picture, enlarged)


def frame(*, has_text: bool = True, offset: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a frame of grey values with a bright line, which lies lower by *offset*."""
    made = np.tile(np.arange(100, 100 + SIDE, dtype=np.uint8), (SIDE, 1))
    if has_text:
        made[10 + offset : 14 + offset, 8:24] = 255
    return made


def rle(frame: "np.ndarray[Any, np.dtype[np.uint8]]") -> bytes:
    """Return a frame as RLE (PS3.5 G): each row is one literal run."""
    return pack("<16L", 1, 64, *[0] * 14) + b"".join(bytes([SIDE - 1]) + row.tobytes() for row in frame)
