"""Frames of instances."""

from pathlib import Path

import pydicom
import pytest

from gateway.sandbox.dicom.pixels import frames
from gateway.sandbox.google_error import ApiError
from tests.dicom_files import make_instance, shipped


def test_native(tmp_path: Path) -> None:
    """A frame of native pixels is its octets."""
    data_set = frames.read(make_instance(tmp_path, 7, "1", "2", rows=1, columns=2))
    assert (frames.count(data_set), frames.is_compressed(data_set)) == (1, False)
    assert frames.stored(data_set, 1) == frames.decoded(data_set, 1) == b"\x07\x00\x07\x00"


def test_big_endian() -> None:
    """Words of a big endian file are swapped: the same image has the same octets."""
    big, little = (frames.read(shipped(name)) for name in ("MR_small_bigendian.dcm", "MR_small.dcm"))
    assert frames.decoded(big, 1) == frames.decoded(little, 1)
    assert frames.little_endian(b"\x01\x02\x03\x04", 4) == b"\x04\x03\x02\x01"


def test_compressed() -> None:
    """A compressed frame is given as it is stored, or decoded to what the native file has."""
    pytest.importorskip("numpy")
    rle, native = frames.read(shipped("MR_small_RLE.dcm")), frames.read(shipped("MR_small.dcm"))
    assert frames.decoded(rle, 1) == frames.decoded(native, 1)
    assert frames.stored(rle, 1) in rle.PixelData
    assert frames.image(rle, 1).shape == (64, 64)


def test_numbers(tmp_path: Path) -> None:
    """Numbers count from 1; what is none is a 400, one that is not there a 404."""
    data_set = frames.read(make_instance(tmp_path, 1, "1", "2"))
    data_set.NumberOfFrames = 3
    assert frames.numbers_in("3,1", data_set) == [3, 1]
    for text, status in (("0", 404), ("4", 404), ("x", 400), ("1,", 400), ("-1", 400)):
        with pytest.raises(ApiError) as raised:
            frames.numbers_in(text, data_set)
        assert raised.value.status == status


def test_damaged(tmp_path: Path) -> None:
    """What cannot be decoded is a 406 without a value of the instance; what has no pixels is a 400."""
    path = make_instance(tmp_path, 1, "1", "2")
    data_set = frames.read(path)
    data_set.Rows = 60000
    with pytest.raises(ApiError) as raised:
        frames.decoded(data_set, 1)
    assert (raised.value.status, raised.value.reason) == (406, frames.NO_DECODER)
    del data_set.PixelData
    pydicom.dcmwrite(path, data_set)
    with pytest.raises(ApiError) as raised:
        frames.read(path)
    assert raised.value.reason == frames.NO_PIXELS
