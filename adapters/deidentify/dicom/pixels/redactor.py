"""Gathers the pixel data of one object, has text looked for in it, and yields it without."""

from collections.abc import Iterator

from adapters.deidentify.dicom.pixel_data import Image
from adapters.deidentify.dicom.pixels.form import CANNOT, form_of
from adapters.deidentify.dicom.pixels.redacting import Pixels, Redacting, WrittenFrame
from adapters.deidentify.dicom.pixels.regions import known_boxes
from adapters.deidentify.dicom.pixels.search import Box
from adapters.deidentify.dicom.tree import Item
from adapters.deidentify.errors import HeldBackError
from adapters.deidentify.settings import DicomProfile
from gateway.contract.body import Buffer

MOST_OCTETS = 128 * 1024 * 1024
"""Most octets of pixel data, and of one decoded frame: they are in memory while they are searched."""
TOO_LONG = CANNOT + "they are longer than 128 MiB"


class Redactor:
    """What becomes of the pixels of one object."""

    def __init__(self, elements: Item, image: Image, profile: DicomProfile, redacting: Redacting) -> None:
        """Take the original header. Raises HeldBackError if the pixels cannot be searched."""
        self._form, self._redacting = form_of(elements, image), redacting
        if self._form.octets_of_frame > MOST_OCTETS:
            raise HeldBackError(TOO_LONG)
        self._known = known_boxes(elements, image.rows, image.columns, profile.regions)
        self._octets = bytearray()
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
        self.boxes = self._redacting.boxes(self._pixels(syntax), self._known)

    def redacted(self, syntax: str) -> "Redacted":
        """Return the frames without text."""
        return Redacted(self._redacting.covered(self._pixels(syntax), self.boxes), self._form.frames)

    def untouched(self) -> Buffer:
        """Return the octets as they were gathered."""
        return self._octets

    def _pixels(self, syntax: str) -> Pixels:
        return Pixels(self._form, syntax, self._octets)


class Redacted:
    """Frames that are covered while they are written."""

    def __init__(self, frames: Iterator[WrittenFrame], count: int) -> None:
        """Take the frames of which the first one says what form all have."""
        self._frames, self._count = frames, count
        self._first, self.form = next(frames)

    @property
    def length(self) -> int:
        """The octets of all frames, with padding."""
        whole = self.form.octets_of_frame * self._count
        return whole + whole % 2

    def octets(self) -> Iterator[bytes]:
        """Yield the frames as native pixel data."""
        yield self._first
        for frame, form in self._frames:
            if form != self.form:
                raise HeldBackError("its frames differ in their form")
            yield frame
        if self.form.octets_of_frame * self._count % 2:
            yield b"\0"
