"""Redacts in a process of its own: a decoder that crashes or hangs ends that one, and holds one object back.

Decoded and searched is there, too: that takes seconds in which the interpreter is held now and then. What is known of
a patient stays here: that process gets the octets of the pixels, their form and the known areas, and has no key.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing.connection import Connection
from typing import cast

from adapters.deidentify.dicom.pixels.detector import Detector, Found, Picture
from adapters.deidentify.dicom.pixels.form import Array, Form
from adapters.deidentify.dicom.pixels.frames import Frames
from adapters.deidentify.dicom.pixels.redacting import Pixels, WrittenFrame, boxes_in, covered
from adapters.deidentify.dicom.pixels.search import Box
from adapters.deidentify.errors import INTERNAL_ERROR, HeldBackError
from adapters.isolation.child import READY, limit, prepare
from adapters.isolation.process import IsolatedProcess, LostError

PATIENCE = 15.0
OCTETS_A_SECOND = 2 * 1024 * 1024
"""A decoder or a network hangs that works for longer than PATIENCE, and a second for so many octets of a frame, on one
frame or on one part of a picture. That takes some tenths of a second on an idle machine."""
LONGEST = 3600.0
"""Seconds that a whole object may take."""
AT_ONCE = 16 * 1024 * 1024
"""About so many octets of decoded frames come back at once."""
ATTEMPTS = 2
"""Processes that may end at an object before it is held back: one may also be ended by something else."""
ENDED = "the process that decodes its image ended by itself, twice: a decoder crashed, or memory ran out"
HUNG = "a decoder hung at its image"
Load = Callable[[], Detector]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with pixels, whose octets follow."""

    form: Form
    syntax: str
    boxes: frozenset[Box]
    is_search: bool
    """Whether text is looked for; else the frames are covered and returned."""


Answer = set[Box] | list[WrittenFrame] | str
"""Where text is, or frames; as a text why the object is held back."""


class RedactingApart:
    """Redacts in one process, which is started with the first object."""

    def __init__(self, load: Load, lost: Callable[[LostError], None], patience: float = PATIENCE) -> None:
        """Take what loads the detector in that process, and what is told when the process was lost."""
        self._process, self._lost = IsolatedProcess(run_redactor, load, patience), lost

    def boxes(self, pixels: Pixels, known: Set[Box]) -> set[Box]:
        """Return what is to be covered. Raises HeldBackError, also where the process ends or hangs."""
        return cast("set[Box]", self._asked(pixels, known, is_search=True))

    def covered(self, pixels: Pixels, boxes: Set[Box]) -> Iterator[WrittenFrame]:
        """Yield the frames without what *boxes* cover; only compressed ones need the process."""
        if pixels.is_native:
            yield from covered(pixels.frames(), pixels.form.frames, boxes)
            return
        for part in pixels.parts(AT_ONCE):
            for octets, form in cast("list[WrittenFrame]", self._asked(part, boxes, is_search=False)):
                yield octets, _written_as(form, pixels.form)

    def close(self) -> None:
        """Kill the process; another thread that waits for it gets a ClosedError."""
        self._process.close()

    def _asked(self, pixels: Pixels, boxes: Set[Box], *, is_search: bool) -> Answer:
        order = Order(pixels.form, pixels.syntax, frozenset(boxes), is_search)
        for _ in range(ATTEMPTS):
            try:
                answer: Answer = self._process.ask(order, LONGEST, pixels.octets)
            except LostError as error:
                self._lost(error)
                if error.has_hung:  # not again: a sender may wait for the answer
                    raise HeldBackError(HUNG) from None
                continue
            if isinstance(answer, str):
                raise HeldBackError(answer)
            return answer
        raise HeldBackError(ENDED)


def _written_as(part: Form, whole: Form) -> Form:
    """Return the form of a whole object as its *part* was written by a decoder."""
    return replace(whole, allocated=part.allocated, photometric=part.photometric, is_planar=part.is_planar)


def run_redactor(connection: Connection, load: Load, patience: float) -> None:
    """Do what comes through the pipe, one order at a time, until its end."""
    prepare()
    import_module("pydicom.pixels.decoders.base")  # with its plug-ins: not in the time of the first image
    try:
        detector = load()
        connection.send(READY)
        while True:
            order: Order = connection.recv()
            answer = answer_to(order, connection.recv_bytes(), detector, patience)
            limit(0)
            connection.send(answer)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def answer_to(order: Order, octets: bytes, detector: Detector, patience: float) -> Answer:
    """Return where text is, or the frames without it; a text where the object is held back."""
    pixels = Pixels(order.form, order.syntax, octets)
    watched = Watched(detector, pixels.frames(), patience + order.form.octets_of_frame / OCTETS_A_SECOND)
    try:
        if order.is_search:
            return boxes_in(watched, order.form.frames, order.boxes, watched)
        return list(covered(watched, order.form.frames, order.boxes))
    except HeldBackError as error:
        return str(error)
    except Exception:  # noqa: BLE001  its text may quote the image; whatever it is, the object must not go on
        return INTERNAL_ERROR


class Watched:
    """A detector and frames that limit the time of this process anew with each thing that they are asked for."""

    def __init__(self, detector: Detector, frames: Frames, seconds: float) -> None:
        self._detector, self._frames, self._seconds = detector, frames, seconds

    def find(self, picture: Picture, enlarged: float) -> list[Found]:
        """Return the lines in *picture*."""
        limit(self._seconds)
        return self._detector.find(picture, enlarged)

    def read(self, lines: list[Picture]) -> list[tuple[str, float]]:
        """Return what each picture of one line says."""
        limit(self._seconds)
        return self._detector.read(lines)

    def some(self, numbers: Iterable[int]) -> Iterator[tuple[Array, Form]]:
        """Yield the frames of these numbers."""
        limit(self._seconds)
        for each in self._frames.some(numbers):
            limit(self._seconds)
            yield each
