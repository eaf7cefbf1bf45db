"""Frames are decoded by chosen decoders, or refused."""

from typing import Any

import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID, RLELossless

from adapters.pipeline.thumbnails import decoding
from adapters.pipeline.thumbnails.decoding import (
    DECODERS,
    NATIVE,
    NO_DECODER,
    NOT_DECODED,
    OTHER_SIZE,
    decoded,
    decoders_of,
    frames_of,
    pixels_tag,
)
from adapters.pipeline.thumbnails.errors import NoPictureError
from adapters.pipeline.thumbnails.source import opened
from tests.adapters.pipeline.thumbnails.made import data_set, octets, ramp, values, written
from tests.dicom_files import shipped

pytest.importorskip("gdcm", reason="the extra `pipeline` is not installed")
FILES = [
    "MR_small.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "SC_rgb_rle_2frame.dcm",
    "examples_ybr_color.dcm",
]


@pytest.mark.parametrize("name", FILES)
def test_decoded(name: str) -> None:
    """The last frame of real files is what pydicom gives when it reads the whole file."""
    path = shipped(name)
    with opened(path) as source:
        number = frames_of(source.header) - 1
        assert np.array_equal(decoded(source, number), pixel_array(path, index=number))


def test_decoders() -> None:
    """Each syntax has its decoders in one order; one without decoders is refused, as MPEG is."""
    assert list(decoders_of("1.2.840.10008.1.2.4.90")) == ["pillow", "gdcm"]
    assert all(list(decoders_of(each)) == [""] for each in NATIVE)
    assert "pylibjpeg" not in {
        each for syntax, names in DECODERS.items() for each in names if syntax < "1.2.840.10008.1.2.4.2"
    }
    for syntax in ("1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.107", "1.2.840.10008.1.2.4.94", "1.2.3"):
        with pytest.raises(NoPictureError, match=NO_DECODER):
            list(decoders_of(syntax))


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A syntax whose decoders are not installed is refused with the same reason."""
    monkeypatch.setitem(DECODERS, "1.2.840.10008.1.2.4.70", ("absent",))
    with pytest.raises(NoPictureError, match=NO_DECODER):
        list(decoders_of("1.2.840.10008.1.2.4.70"))


def compressed(frame: bytes, syntax: str, **elements: Any) -> bytes:
    """Return an instance of 64 by 64 with this compressed frame."""
    made = data_set(ramp(dtype="u1", step=1), **elements)
    made.file_meta.TransferSyntaxUID = UID(syntax)
    made.PixelData = encapsulate([frame])
    made["PixelData"].is_undefined_length = True
    return written(made)


class Decoder:
    """A decoder that must not be asked."""

    available_plugins = ("pillow", "gdcm")

    def as_array(self, *_: Any, **__: Any) -> Any:
        """Fail the test."""
        pytest.fail("a decoder was asked")


def test_other_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A codestream that is larger than the header says is not given to a decoder."""
    monkeypatch.setattr("pydicom.pixels.decoders.base.get_decoder", lambda _: Decoder())
    bomb = b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00\xff\xc4\0\2\xff\xda\0\x08\1\1\0\0\0\0"
    with opened(compressed(bomb, "1.2.840.10008.1.2.4.50")) as source, pytest.raises(NoPictureError, match=OTHER_SIZE):
        decoded(source, 0)


def test_more_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A codestream with more bits than the header says is not given to a decoder: gdcm ends the process at some."""
    monkeypatch.setattr("pydicom.pixels.decoders.base.get_decoder", lambda _: Decoder())
    deep = b"\xff\xd8\xff\xc3\x00\x0b\xff\0\x40\0\x40\x01\x01\x11\x00\xff\xc4\0\2\xff\xda\0\x08\1\1\0\1\0\0"
    with opened(compressed(deep, "1.2.840.10008.1.2.4.70")) as source, pytest.raises(NoPictureError, match=OTHER_SIZE):
        decoded(source, 0)


def test_no_codestream(capfd: pytest.CaptureFixture[str]) -> None:
    """What is no codestream is not given to a decoder, which would print octets of it."""
    given = compressed(b"Musterfrau^Erika", "1.2.840.10008.1.2.4.50")
    with opened(given) as source, pytest.raises(NoPictureError, match=NOT_DECODED):
        decoded(source, 0)
    assert capfd.readouterr() == ("", "")


def test_damaged() -> None:
    """A frame that is missing or cut cannot be decoded."""
    whole = octets(ramp())
    for given, number in ((whole[:-100], 0), (whole, 1), (compressed(b"\0" * 70, RLELossless), 0)):
        with opened(given) as source, pytest.raises(NoPictureError, match=NOT_DECODED):
            decoded(source, number)


@pytest.mark.parametrize("said", [0, -1])
def test_frames(said: int) -> None:
    """The number of frames must be a number of frames."""
    assert frames_of(values()._items[0]) == 1
    with pytest.raises(NoPictureError):
        frames_of({"NumberOfFrames": said or "none"})


def test_pixels_tag() -> None:
    """The tag of the pixel data is known before anything is decoded."""
    with opened(octets(ramp())) as source:
        assert pixels_tag(source) == 0x7FE00010
    made = data_set(ramp())
    del made.PixelData
    with opened(written(made)) as source:
        assert pixels_tag(source) is None
    made.FloatPixelData = b"\0" * 4 * 64 * 64
    with opened(written(made)) as source:
        assert pixels_tag(source) == 0x7FE00008
    assert decoding.NATIVE
