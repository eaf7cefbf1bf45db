"""The frames of an instance: as they are stored, or decoded to octets without compression (PS3.5 8.1, A.4).

These functions do blocking work. pydicom writes values into warnings and exceptions: neither leaves this file.
"""

import warnings
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import ExplicitVRBigEndian

from gateway.sandbox.google_error import ApiError

NO_PIXELS = "the instance has no pixels"
NO_DECODER = "there is no decoder for the transfer syntax of the instance, or its pixels are damaged"


def read(path: Path) -> Dataset:
    """Return the data set of a file; raises a 400 if it has no pixels."""
    with quiet():
        found = pydicom.dcmread(path)
    if "PixelData" not in found and "FloatPixelData" not in found and "DoubleFloatPixelData" not in found:
        raise ApiError(400, NO_PIXELS)
    return found


def count(data_set: Dataset) -> int:
    """Return how many frames there are."""
    return max(1, int(data_set.get("NumberOfFrames") or 1))


def numbers_in(text: str, data_set: Dataset) -> list[int]:
    """Return the numbers of frames in a path, counted from 1; raises a 400 or 404 for what is none."""
    if not all(each.isascii() and each.isdecimal() and len(each) < 10 for each in text.split(",")):
        raise ApiError(400, "frames are numbers, separated by commas")
    found = [int(each) for each in text.split(",")]
    if not all(1 <= each <= count(data_set) for each in found):
        raise ApiError(404, "the instance has no such frame")
    return found


def is_compressed(data_set: Dataset) -> bool:
    """Return whether the pixels are encapsulated."""
    return bool(data_set.file_meta.TransferSyntaxUID.is_encapsulated)


def stored(data_set: Dataset, number: int) -> bytes:
    """Return a frame as it is stored."""
    if not is_compressed(data_set):
        return decoded(data_set, number)
    with quiet():
        return bytes(get_frame(data_set.PixelData, number - 1, number_of_frames=count(data_set)))


def decoded(data_set: Dataset, number: int) -> bytes:
    """Return a frame without compression, little endian; raises a 406 if it cannot be decoded."""
    with quiet():
        decoder = get_decoder(data_set.file_meta.TransferSyntaxUID)
        found = bytes(decoder.as_buffer(data_set, index=number - 1)[0])
        is_big = data_set.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
        return little_endian(found, int(data_set.BitsAllocated) // 8 if is_big else 1)


def little_endian(octets: bytes, size: int) -> bytes:
    """Return *octets* of big-endian words of *size* octets as little-endian ones; a size up to 1 changes nothing."""
    if size <= 1:
        return octets
    words = array({2: "H", 4: "I", 8: "Q"}[size], octets)
    words.byteswap()
    return words.tobytes()


def image(data_set: Dataset, number: int) -> Any:
    """Return a frame as an array, colours as RGB; raises a 406 if it cannot be decoded."""
    with quiet():
        return get_decoder(data_set.file_meta.TransferSyntaxUID).as_array(data_set, index=number - 1)[0]


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress what pydicom says of values; any error of it is a 406 without them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (ApiError, OSError):
            raise
        except Exception:  # noqa: BLE001  pydicom and the decoders have no common error
            raise ApiError(406, NO_DECODER) from None
