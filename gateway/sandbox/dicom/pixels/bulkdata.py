"""The octets of one element: ``bulkdata/{tag}``, or within sequences ``bulkdata/{tag}/{item}/{tag}``, items from 1.

Google's client wants two parts at least behind ``bulkdata``: ``bulkdata/dataset/{tag}`` is ``bulkdata/{tag}``.
"""

import re
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from gateway.sandbox.dicom.pixels import frames
from gateway.sandbox.google_error import ApiError

TAG, ITEM = re.compile(r"[0-9A-Fa-f]{8}"), re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
PIXEL_DATA = 0x7FE00010
TEXT_VRS = {"UT", "UC", "UR", "LT", "ST"}
WORDS = {"OB": 1, "UN": 1, "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
"""The binary types, and how many octets a word of each has (PS3.5 7.3)."""


def bulkdata(path: Path, place: str) -> bytes:
    """Return the value of an element, pixels without compression, little endian. Does blocking work."""
    with frames.quiet():
        data_set: Dataset = pydicom.dcmread(path)
        parts = place.removeprefix("dataset/").split("/")
        holder = _holder(data_set, parts)
        tag = _tag(parts[-1])
        if tag not in holder:
            raise ApiError(404, "the instance has no such element")
        if tag == PIXEL_DATA and holder is data_set and frames.is_compressed(data_set):
            return b"".join(frames.decoded(data_set, number + 1) for number in range(frames.count(data_set)))
        return _value(holder, tag)


def _holder(data_set: Dataset, parts: list[str]) -> Dataset:
    if len(parts) % 2 == 0:
        raise ApiError(400, "bulkdata needs the form {tag} or {tag}/{item}/{tag}")
    for sequence, item in zip(parts[:-1:2], parts[1::2], strict=True):
        found = data_set.get(_tag(sequence))
        if not ITEM.fullmatch(item):
            raise ApiError(400, "items are numbers from 1")
        if found is None or found.VR != "SQ" or int(item) > len(found.value):
            raise ApiError(404, "the instance has no such item")
        data_set = found.value[int(item) - 1]
    return data_set


def _tag(text: str) -> int:
    if not TAG.fullmatch(text):
        raise ApiError(400, "a tag has eight hexadecimal digits")
    return int(text, 16)


def _value(holder: Dataset, tag: int) -> bytes:
    element = holder[tag]
    if element.VR in TEXT_VRS:
        return str(element.value or "").encode()
    if element.VR not in WORDS:
        raise ApiError(400, f"an element of type {element.VR} is no bulk data: it is in the metadata")
    is_little = holder.original_encoding[1] is not False
    return frames.little_endian(bytes(element.value or b""), 1 if is_little else WORDS[element.VR])
