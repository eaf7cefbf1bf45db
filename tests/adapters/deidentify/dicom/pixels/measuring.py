"""Measures the search for text, by rows and on frames without text, and writes the table of the documentation."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from adapters.deidentify.dicom.pixels.detector import Detector
from adapters.deidentify.dicom.pixels.search import text_in
from tests.adapters.deidentify.dicom.pixels.backgrounds import Frame
from tests.adapters.deidentify.dicom.pixels.rows import GROUPS, Row, frames


@dataclass(frozen=True, slots=True)
class Measured:
    """The lines of a row, and the sizes of those that can still be read in part."""

    lines: int
    seen: list[int]

    @property
    def hidden(self) -> int:
        """Lines that are covered."""
        return self.lines - len(self.seen)


@dataclass(slots=True)
class Clean:
    """What is covered of frames in which there is nothing to cover."""

    frames: int = 0
    pixels: int = 0
    covered: int = 0
    parts: dict[str, float] = field(default_factory=dict)
    """By file: the most of one of its frames that is covered."""

    @property
    def share(self) -> float:
        """Part of all pixels that is covered."""
        return self.covered / max(1, self.pixels)


def measured(row: Row, count: int, detector: Detector) -> Measured:
    """Return what is found of the lines in so many frames."""
    lines, seen = 0, list[int]()
    for frame, planted in frames(row, count):
        boxes = list(text_in(frame, detector))
        lines += len(planted)
        seen += [line.size for line in planted if not line.is_covered(boxes)]
    return Measured(lines, sorted(seen))


def covered(found: Iterable[tuple[str, Frame]], detector: Detector) -> Clean:
    """Return what is covered of frames without text."""
    clean = Clean()
    for name, frame in found:
        area = np.zeros(frame.shape[:2], bool)
        for left, top, right, bottom in text_in(frame, detector):
            area[top:bottom, left:right] = True
        clean.frames += 1
        clean.pixels += area.size
        clean.covered += int(area.sum())
        if area.any():
            clean.parts[name] = max(clean.parts.get(name, 0.0), float(area.mean()))
    return clean


def table(found: dict[Row, Measured], clean: Clean) -> Iterator[str]:
    """Yield the lines of the table, and the sentence about frames without text."""
    for group in GROUPS:
        ours = {row: found[row] for row in group.rows if row in found and found[row].lines}
        lines, hidden = sum(each.lines for each in ours.values()), sum(each.hidden for each in ours.values())
        yield f"| {group.name} | hidden | sizes of those that are not |"
        yield "|---|--:|---|"
        for row, each in ours.items():
            yield f"| {row.name} | {each.hidden} of {each.lines} | {_sizes(each.seen)} |"
        if group.least:
            yield f"| **all of these** | **{hidden} of {lines}, {int(1000 * hidden / lines) / 10} %** | |"
        yield ""
    most = max(clean.parts.values(), default=0.0)
    yield (
        f"Of {clean.frames} frames without text {100 * clean.share:.2f} % of the pixels are covered by mistake, "
        f"at most {100 * most:.1f} % of one frame; of {len(clean.parts)} files something is covered."
    )


def _sizes(seen: Iterable[int]) -> str:
    return ", ".join(f"{size} ({count})" if count > 1 else str(size) for size, count in sorted(Counter(seen).items()))
