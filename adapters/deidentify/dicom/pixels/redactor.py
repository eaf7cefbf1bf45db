"""Gathers the pixel data of one object, looks for text in it, and yields it without."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from adapters.deidentify.dicom.pixel_data import NATIVE, Image
from adapters.deidentify.dicom.pixels.detector import Detector
from adapters.deidentify.dicom.pixels.fill import cover
from adapters.deidentify.dicom.pixels.form import CANNOT, Array, Form, form_of, shown
from adapters.deidentify.dicom.pixels.frames import CodedFrames, Frames, NativeFrames
from adapters.deidentify.dicom.pixels.regions import known_boxes
from adapters.deidentify.dicom.pixels.search import Box, text_in
from adapters.deidentify.dicom.tree import Item
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.settings import DicomProfile
from gateway.contract.body import Buffer

MOST_OCTETS = 128 * 1024 * 1024
"""Most octets of pixel data, and of one decoded frame: they are in memory while they are searched."""
TOO_LONG = CANNOT + "they are longer than 128 MiB"
LOOKED_AT_EACH = 8
"""Of more frames only the first, the middle and the last are looked at, and what several show together."""
SPREAD, FEW = 64, 9
"""Frames of which the brightest and the darkest pixels are looked at, and those of which the median is."""
LOOKS_AFTERWARDS = 2
"""If text can still be read, it is covered as well. What can be read after that holds the object back."""


class Redactor:
    """What becomes of the pixels of one object."""

    def __init__(self, elements: Item, image: Image, profile: DicomProfile, detector: Detector) -> None:
        """Take the original header. Raises HeldBackError if the pixels cannot be searched."""
        self._form, self._detector = form_of(elements, image), detector
        if self._form.octets_of_frame > MOST_OCTETS:
            raise HeldBackError(TOO_LONG)
        self._known = known_boxes(elements, image.rows, image.columns, profile.regions)
        self._octets = bytearray()
        self._frames: Frames | None = None
        self.boxes: set[Box] = set()
        """What is covered, once ``search`` has returned."""

    @property
    def octets(self) -> int:
        """The octets of all frames, decoded: compressed ones are fewer."""
        return min(self._form.octets_of_frame * self._form.frames, MOST_OCTETS)

    def gather(self, octets: Buffer) -> None:
        """Take octets of the value of the pixel data. Raises HeldBackError for too many."""
        self._octets += octets
        if len(self._octets) > MOST_OCTETS:
            raise HeldBackError(TOO_LONG)

    def search(self, syntax: str) -> None:
        """Look for text; raises HeldBackError if frames cannot be decoded, or text is left."""
        is_native = syntax in NATIVE
        self._frames = NativeFrames(self._octets, self._form) if is_native else CodedFrames(
            self._octets, self._form, syntax
        )  # fmt: skip
        found = {box for look in self._looks(self._known) for box in text_in(look, self._detector)}
        self.boxes = self._known | found
        if not self.boxes:
            return
        for _ in range(LOOKS_AFTERWARDS):
            left = self._left()
            if not left:
                return
            self.boxes |= left
        if self._left():
            raise HeldBackError("text can still be read in its image after it was redacted")

    def redacted(self) -> "Redacted":
        """Return the frames without text."""
        assert self._frames is not None  # noqa: S101  search has made them
        _, form = next(self._frames.some([0]))
        return Redacted(self._frames, form, self.boxes)

    def untouched(self) -> Buffer:
        """Return the octets as they were gathered."""
        return self._octets

    def _left(self) -> set[Box]:
        """Return the lines that can be read although what was found is covered."""
        return {
            box
            for look in self._looks(self.boxes)
            for box in text_in(look, self._detector, only_readable=True)
        }  # fmt: skip

    def _looks(self, boxes: set[Box]) -> Iterator[Array]:
        """Yield what is looked at, with *boxes* covered."""
        count = self._form.frames
        if count <= LOOKED_AT_EACH:
            yield from self._shown(range(count), boxes)
            return
        yield from self._shown([0, count // 2, count - 1], boxes)
        yield from self._together(boxes)

    def _together(self, boxes: set[Box]) -> Iterator[Array]:
        """Yield what frames show together: text stays where it is while what moves becomes a blur."""
        brightest: Any = None
        darkest: Any = None
        for each in self._shown(_spread(self._form.frames, SPREAD), boxes):
            brightest = each if brightest is None else np.maximum(brightest, each)
            darkest = each if darkest is None else np.minimum(darkest, each)
        yield brightest
        yield darkest
        few = list(self._shown(_spread(self._form.frames, FEW), boxes))
        yield np.median(np.stack(few), axis=0).astype(few[0].dtype)

    def _shown(self, numbers: Iterable[int], boxes: set[Box]) -> Iterator[Array]:
        assert self._frames is not None  # noqa: S101  search has made them
        for frame, form in self._frames.some(numbers):
            cover(frame, boxes, form)
            yield shown(frame, form)


class Redacted:
    """Frames that are covered while they are written."""

    def __init__(self, frames: Frames, form: Form, boxes: set[Box]) -> None:
        self._frames, self.form, self._boxes = frames, form, boxes

    @property
    def length(self) -> int:
        """The octets of all frames, with padding."""
        whole = self.form.octets_of_frame * self.form.frames
        return whole + whole % 2

    def octets(self) -> Iterator[bytes]:
        """Yield the frames as native pixel data."""
        for frame, form in self._frames.some(range(self.form.frames)):
            if form != self.form:
                raise HeldBackError("its frames differ in their form")
            cover(frame, self._boxes, form)
            yield (frame.transpose(2, 0, 1) if form.is_planar else frame).tobytes()
        if self.form.octets_of_frame * self.form.frames % 2:
            yield b"\0"


def _spread(count: int, most: int) -> list[int]:
    """Return at most so many numbers of frames, evenly apart, the first and the last among them."""
    some = min(count, most)
    return sorted({round(each * (count - 1) / (some - 1)) for each in range(some)})
