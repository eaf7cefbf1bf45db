"""The frames of one object: native octets, or codestreams that pydicom's plug-ins decode."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from adapters.deidentify.dicom.pixels.form import Array, Form, as_frame
from adapters.deidentify.errors import HeldBackError
from adapters.dicom.codestream import Size, size_of

RLE = "1.2.840.10008.1.2.5"
NOT_DECODED = "its frames cannot be decoded, so text in them cannot be searched for"


class Frames(Protocol):
    """Gives frames, each with the form in which it is written."""

    def some(self, numbers: Iterable[int]) -> Iterator[tuple[Array, Form]]:
        """Yield the frames of these numbers, which the caller may change. Raises HeldBackError."""


class NativeFrames:
    """Frames of native pixel data."""

    def __init__(self, octets: bytes | bytearray, form: Form) -> None:
        self._octets, self._form = octets, form

    def some(self, numbers: Iterable[int]) -> Iterator[tuple[Array, Form]]:
        """Yield the frames of these numbers."""
        size, octets = self._form.octets_of_frame, memoryview(self._octets)
        for number in numbers:
            yield as_frame(bytearray(octets[number * size : (number + 1) * size]), self._form), self._form


class CodedFrames:
    """Frames of encapsulated pixel data."""

    def __init__(self, octets: bytes | bytearray, form: Form, syntax: str) -> None:
        self._octets, self._form, self._syntax = bytes(octets), form, syntax

    def some(self, numbers: Iterable[int]) -> Iterator[tuple[Array, Form]]:
        """Yield the frames of these numbers; raises HeldBackError if one cannot be decoded."""
        wanted, form = list(numbers), self._form
        from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415  only for those who search

        given: dict[str, Any] = {
            "rows": form.rows,
            "columns": form.columns,
            "samples_per_pixel": form.samples,
            "number_of_frames": form.frames,
            "bits_allocated": form.allocated,
            "bits_stored": form.stored,
            "pixel_representation": int(form.is_signed),
            "photometric_interpretation": form.photometric,
            "planar_configuration": int(form.is_planar),
            "pixel_keyword": "PixelData",
        }
        made = 0
        try:
            self._check_sizes(frozenset(wanted))
            decoder = get_decoder(self._syntax)
            for frame, said in decoder.iter_array(self._octets, indices=wanted, raw=True, **given):
                made += 1
                photometric = str(said["photometric_interpretation"])
                written = replace(
                    form,
                    is_planar=False,
                    allocated=frame.dtype.itemsize * 8,
                    photometric="YBR_FULL" if photometric == "YBR_FULL_422" else photometric,
                )
                yield _checked(frame, written), written
        except HeldBackError:
            raise
        except Exception:  # noqa: BLE001  plug-ins raise whatever they like, and quote the file
            raise HeldBackError(NOT_DECODED) from None
        if made != len(wanted):
            raise HeldBackError(NOT_DECODED)

    def _check_sizes(self, wanted: frozenset[int]) -> None:
        """Raise HeldBackError if a frame is not what the header says, or damaged before its first scan.

        gdcm ends the whole process at some frames that are.
        """
        from pydicom.encaps import generate_frames  # noqa: PLC0415  only for those who search

        if self._syntax == RLE:  # its frames have no size of their own
            return
        frames = generate_frames(self._octets, number_of_frames=self._form.frames)
        for number, frame in enumerate(frames):
            if number in wanted and not _agrees(size_of(frame), self._form):
                raise HeldBackError(NOT_DECODED)


def _agrees(said: Size | None, form: Form) -> bool:
    """Whether a codestream says the size that the header says."""
    if said is None:
        return False
    return said[:3] == (form.rows, form.columns, form.samples) and 1 < said.bits <= form.allocated


def _checked(frame: Array, form: Form) -> Array:
    """Return a frame that may be changed; raises HeldBackError if it has another size than its header says."""
    shape = (form.rows, form.columns, 3) if form.samples == 3 else (form.rows, form.columns)
    if frame.shape != shape or frame.dtype.kind not in "iu":
        raise HeldBackError(NOT_DECODED)
    return np.array(frame)
