"""Where the frames of one object show text, and the frames without it."""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

import numpy as np

from adapters.deidentify.dicom.pixel_data import NATIVE
from adapters.deidentify.dicom.pixels.detector import Detector
from adapters.deidentify.dicom.pixels.fill import cover
from adapters.deidentify.dicom.pixels.form import Array, Form, shown
from adapters.deidentify.dicom.pixels.frames import NOT_DECODED, CodedFrames, Frames, NativeFrames
from adapters.deidentify.dicom.pixels.search import Box, text_in
from adapters.deidentify.errors import HeldBackError

LOOKED_AT_EACH = 8
"""Of more frames only the first, the middle and the last are looked at, and what several show together."""
SPREAD, FEW = 64, 9
"""Frames of which the brightest and the darkest pixels are looked at, and those of which the median is."""
LOOKS_AFTERWARDS = 2
"""If text can still be read, it is covered as well. What can be read after that holds the object back."""
WrittenFrame = tuple[bytes, Form]
"""A frame as native pixel data, and the form in which it is written."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """The pixel data of one object, whole."""

    form: Form
    syntax: str
    octets: bytes | bytearray

    @property
    def is_native(self) -> bool:
        """Whether no decoder is needed."""
        return self.syntax in NATIVE

    def frames(self) -> Frames:
        """Return the frames."""
        if self.is_native:
            return NativeFrames(self.octets, self.form)
        return CodedFrames(self.octets, self.form, self.syntax)

    def parts(self, most: int) -> "Iterator[Pixels]":
        """Yield the frames of encapsulated pixel data in parts of about so many octets when they are decoded."""
        from pydicom.encaps import encapsulate, generate_frames  # noqa: PLC0415  only for those who search

        at_once = max(1, most // self.form.octets_of_frame)
        if at_once >= self.form.frames:
            yield self
            return
        frames = list(generate_frames(cast("bytes", self.octets), number_of_frames=self.form.frames))
        if len(frames) != self.form.frames:
            raise HeldBackError(NOT_DECODED)
        for start in range(0, len(frames), at_once):
            part = frames[start : start + at_once]
            yield Pixels(replace(self.form, frames=len(part)), self.syntax, encapsulate(part, has_bot=False))


class Redacting(Protocol):
    """Finds text in pixels, and covers it."""

    def boxes(self, pixels: Pixels, known: Set[Box]) -> set[Box]:
        """Return what is to be covered: *known* areas, and the text that is found.

        Raises HeldBackError if frames cannot be decoded, or text is left.
        """

    def covered(self, pixels: Pixels, boxes: Set[Box]) -> Iterator[WrittenFrame]:
        """Yield the frames without what *boxes* cover. Raises HeldBackError if one cannot be decoded."""

    def close(self) -> None:
        """Release what is held; where that is a process, what waits for it, and what is asked afterwards, fails."""


class RedactingHere:
    """Does it in this process."""

    def __init__(self, load: Callable[[], Detector]) -> None:
        """Take what loads the detector when the first object is searched."""
        self._load = load

    def boxes(self, pixels: Pixels, known: Set[Box]) -> set[Box]:
        """Return what is to be covered."""
        return boxes_in(pixels.frames(), pixels.form.frames, known, self._load())

    def covered(self, pixels: Pixels, boxes: Set[Box]) -> Iterator[WrittenFrame]:
        """Yield the frames without what *boxes* cover."""
        return covered(pixels.frames(), pixels.form.frames, boxes)

    def close(self) -> None:
        """Do nothing: the detector stays for others."""


def covered(frames: Frames, count: int, boxes: Set[Box]) -> Iterator[WrittenFrame]:
    """Yield so many frames without what *boxes* cover."""
    for frame, form in frames.some(range(count)):
        cover(frame, boxes, form)
        yield (frame.transpose(2, 0, 1) if form.is_planar else frame).tobytes(), form


def boxes_in(frames: Frames, count: int, known: Set[Box], detector: Detector) -> set[Box]:
    """Return what is to be covered of so many frames."""
    looks = Looks(frames, count, detector)
    boxes = {*known, *looks.found(known)}
    if not boxes:
        return set()
    for _ in range(LOOKS_AFTERWARDS):
        left = looks.found(boxes, only_readable=True)
        if not left:
            return boxes
        boxes |= left
    if looks.found(boxes, only_readable=True):
        raise HeldBackError("text can still be read in its image after it was redacted")
    return boxes


class Looks:
    """What is looked at of the frames of one object."""

    def __init__(self, frames: Frames, count: int, detector: Detector) -> None:
        self._frames, self._count, self._detector = frames, count, detector

    def found(self, boxes: Set[Box], *, only_readable: bool = False) -> set[Box]:
        """Return the lines that are found although *boxes* are covered, or of them those that can be read."""
        return {
            box
            for look in self._looks(boxes)
            for box in text_in(look, self._detector, only_readable=only_readable)
        }  # fmt: skip

    def _looks(self, boxes: Set[Box]) -> Iterator[Array]:
        """Yield what is looked at, with *boxes* covered."""
        if self._count <= LOOKED_AT_EACH:
            yield from self._shown(range(self._count), boxes)
            return
        yield from self._shown([0, self._count // 2, self._count - 1], boxes)
        yield from self._together(boxes)

    def _together(self, boxes: Set[Box]) -> Iterator[Array]:
        """Yield what frames show together: text stays where it is while what moves becomes a blur."""
        brightest: Any = None
        darkest: Any = None
        for each in self._shown(_spread(self._count, SPREAD), boxes):
            brightest = each if brightest is None else np.maximum(brightest, each)
            darkest = each if darkest is None else np.minimum(darkest, each)
        yield brightest
        yield darkest
        few = list(self._shown(_spread(self._count, FEW), boxes))
        yield np.median(np.stack(few), axis=0).astype(few[0].dtype)

    def _shown(self, numbers: Iterable[int], boxes: Set[Box]) -> Iterator[Array]:
        for frame, form in self._frames.some(numbers):
            cover(frame, boxes, form)
            yield shown(frame, form)


def _spread(count: int, most: int) -> list[int]:
    """Return at most so many numbers of frames, evenly apart, the first and the last among them."""
    some = min(count, most)
    return sorted({round(each * (count - 1) / (some - 1)) for each in range(some)})
