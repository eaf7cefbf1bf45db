"""Frames of native and of compressed pixel data."""

from struct import pack

import numpy as np
import pytest

from adapters.deidentify.dicom.pixels.form import Form
from adapters.deidentify.dicom.pixels.frames import CodedFrames, NativeFrames
from adapters.deidentify.errors import HeldBackError

SYNTAX = "1.2.840.10008.1.2.5"
FORM = Form(2, 4, 1, 2, 8, 8, is_signed=False, is_planar=False, photometric="MONOCHROME2")


def rle_of(*frames: bytes) -> bytes:
    """Return frames as RLE (PS3.5 G), one fragment for each."""
    made = [pack("<16L", 1, 64, *[0] * 14) + bytes([len(each) - 1]) + each for each in frames]
    items = [b"", *(each + b"\0" * (len(each) % 2) for each in made)]
    return b"".join(pack("<HHL", 0xFFFE, 0xE000, len(each)) + each for each in items)


def test_native() -> None:
    """A native frame is a copy: what is changed in it does not change the octets."""
    octets = bytearray(range(16))
    ((frame, form),) = NativeFrames(octets, FORM).some([1])
    assert list(range(8, 16)) == frame.ravel().tolist()
    frame[:] = 0
    assert bytearray(range(16)) == octets
    assert FORM is form


def test_coded() -> None:
    """A compressed frame is decoded."""
    value = rle_of(bytes(range(8)), bytes(range(8, 16)))
    frames = list(CodedFrames(value, FORM, SYNTAX).some([0, 1]))
    assert [list(range(8)), list(range(8, 16))] == [frame.ravel().tolist() for frame, _ in frames]
    assert frames[0][0].dtype == np.uint8


@pytest.mark.parametrize("value", [b"", rle_of(b"12345678"), rle_of(b"1", b"2")])
def test_broken(value: bytes) -> None:
    """What cannot be decoded, or has too few frames or pixels, is held back, and the reason quotes nothing."""
    with pytest.raises(HeldBackError, match="its frames cannot be decoded") as raised:
        list(CodedFrames(value, FORM, SYNTAX).some([0, 1]))
    assert raised.value.__cause__ is None


def test_unknown_syntax() -> None:
    """A transfer syntax that no plug-in decodes is held back."""
    with pytest.raises(HeldBackError):
        list(CodedFrames(b"", FORM, "1.2.840.10008.1.2.4.100").some([0]))
