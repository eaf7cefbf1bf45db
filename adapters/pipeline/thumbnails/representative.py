"""Which frame stands for an instance."""

from collections.abc import Callable
from typing import Any

import numpy as np

from adapters.pipeline.thumbnails.admission import WHOLE_SLIDE, image_type

LEVELS = frozenset({"THUMBNAIL", "OVERVIEW"})
"""Image Types of a whole slide that show all of it (PS3.3 C.8.12.4.1.1)."""
LOOKED_AT = 5
STEP = 8
"""Each so many pixels of a tile count for its variance."""


def frame_of(header: Any, count: int, decode: Callable[[int], Any]) -> int:
    """Return the number of the frame, counted from 0.

    It is the middle one. Of the tiles of a slide, most of which may be glass, it is the one of most variance of five.
    """
    sop_class = str(header.get("SOPClassUID", ""))
    if count > 1 and sop_class == WHOLE_SLIDE and not LEVELS & set(image_type(header)):
        return max(spread(count), key=lambda number: _variance(decode(number)))
    return count // 2


def spread(count: int) -> list[int]:
    """Return at most five numbers of frames, evenly apart."""
    some = min(count, LOOKED_AT)
    return [(2 * each + 1) * count // (2 * some) for each in range(some)]


def _variance(frame: Any) -> float:
    return float(np.var(frame[::STEP, ::STEP].astype(np.float64)))
