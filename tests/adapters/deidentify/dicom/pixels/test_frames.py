"""Frames of native and of compressed pixel data."""

from dataclasses import replace
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
    return items(*made)


def items(*frames: bytes) -> bytes:
    """Return frames as the value of encapsulated pixel data, one fragment for each."""
    padded = [b"", *(each + b"\0" * (len(each) % 2) for each in frames)]
    return b"".join(pack("<HHL", 0xFFFE, 0xE000, len(each)) + each for each in padded)


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


LOSSLESS = "1.2.840.10008.1.2.4.70"
SOF = b"\xff\xc3" + pack(">HBHHB", 11, 8, 2, 4, 1) + b"\1\x11\0"
DHT = b"\xff\xc4\0\x06" + b"\0" * 4
SOS = b"\xff\xda\0\x08\1\1\0\1\0\0"


@pytest.mark.parametrize(
    "frame",
    [
        b"\xff\xd8" + SOF + SOS,
        b"\xff\xd8" + SOF.replace(b"\0\2\0\4", b"\0\2\0\5") + DHT + SOS,
        b"\xff\xd8" + SOF.replace(b"\x08\0\2", b"\x10\0\2") + DHT + SOS,
        b"no codestream",
    ],
    ids=["no tables", "another size", "more bits", "no codestream"],
)
def test_not_given_to_a_decoder(frame: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame that is damaged before its scan, or has another size, is held back before a decoder reads it."""
    octets = frame + b"\0" * (len(frame) % 2)
    value = b"".join(pack("<HHL", 0xFFFE, 0xE000, len(each)) + each for each in (b"", octets))
    asked: list[str] = []
    monkeypatch.setattr("pydicom.pixels.decoders.base.get_decoder", asked.append)
    with pytest.raises(HeldBackError, match="its frames cannot be decoded"):
        list(CodedFrames(value, replace(FORM, frames=1), LOSSLESS).some([0]))
    assert not asked


def test_unknown_syntax() -> None:
    """A transfer syntax that no plug-in decodes is held back."""
    with pytest.raises(HeldBackError):
        list(CodedFrames(b"", FORM, "1.2.840.10008.1.2.4.100").some([0]))
