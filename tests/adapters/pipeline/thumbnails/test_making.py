"""Thumbnails of made and of real instances."""

from pathlib import Path

import numpy as np
import pytest

from adapters.deidentify.dicom.file import FileDeidentifier
from adapters.deidentify.manifest import Manifest
from adapters.pipeline.thumbnails import making
from adapters.pipeline.thumbnails.admission import NO_PIXELS
from adapters.pipeline.thumbnails.decoding import NO_DECODER, NOT_DECODED
from adapters.pipeline.thumbnails.making import thumbnail
from adapters.pipeline.thumbnails.source import NOT_READ
from tests.adapters.deidentify.dicom.made import transformer
from tests.adapters.pipeline.thumbnails.made import corpus, octets, ramp, seen
from tests.dicom_files import shipped

pytest.importorskip("gdcm", reason="the extra `pipeline` is not installed")
REAL = {
    "CT_small.dcm": (128, 128),
    "MR_small_RLE.dcm": (64, 64),
    "MR_small_jpeg_ls_lossless.dcm": (64, 64),
    "MR_small_jp2klossless.dcm": (64, 64),
    "examples_palette.dcm": (112, 256),
    "examples_ybr_color.dcm": (192, 256),
    "image_dfl.dcm": (256, 256),
    "SC_rgb_rle_16bit_2frame.dcm": (100, 100),
}
WITHOUT = {
    "liver_1frame.dcm": "it is a segmentation",
    "rtdose.dcm": "it is an object of radiotherapy",
    "test-SR.dcm": "it is a structured report",
    "waveform_ecg.dcm": "it is a waveform",
    "empty_charset_LEI.dcm": NO_PIXELS,
    "MR_truncated.dcm": NOT_DECODED,
    "JPEG-lossy.dcm": NOT_DECODED,  # of 12 bits, for which gdcm and Pillow have no decoder
}
CORPUS = {
    "dcm4che/CT-JPEGLosslessSV1.dcm": "",
    "fo-dicom/D_CLUNIE_CT1_RLE_FRAGS.dcm": "",
    "fo-dicom/CT1_J2KI.dcm": "",
    "dcm4che/YBR_422.dcm": "",
    "dcm4che/3gb-bulk-data-truncated.dcm": NOT_READ,
    "highdicom/sm_image_jpegls.dcm": "",
    "highdicom/seg_image_sm_dots.dcm": "it is a segmentation",
    "gcp-adapter/example3.dcm": NOT_DECODED,
}


@pytest.mark.parametrize(("name", "size"), REAL.items())
def test_real(name: str, size: tuple[int, int]) -> None:
    """Each syntax and each sort of colours gives a picture that shows something; from the file and from its octets."""
    made = thumbnail(shipped(name))
    assert made
    assert made == thumbnail(shipped(name).read_bytes())
    pixels = seen(made.octets)
    assert pixels.shape[:2] == size
    assert pixels.std() > 10


@pytest.mark.parametrize(("name", "reason"), WITHOUT.items())
def test_without(name: str, reason: str) -> None:
    """What has no picture says why, and prints nothing."""
    made = thumbnail(shipped(name))
    assert (made.reason, made.octets, bool(made)) == (reason, b"", False)


@pytest.mark.parametrize(("name", "reason"), CORPUS.items())
def test_corpus(name: str, reason: str) -> None:
    """Files of other systems."""
    assert thumbnail(corpus(name)).reason == reason


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.107", "1.2.840.10008.1.2.4.94"])
def test_no_decoder(syntax: str) -> None:
    """MPEG, HEVC and JPIP have no decoder, and the row says so."""
    given = octets(ramp()).replace(b"1.2.840.10008.1.2.1\0", syntax.encode()[:20].ljust(20, b"\0"))
    assert thumbnail(given).reason in {NO_DECODER, NOT_READ}


def test_frame() -> None:
    """The middle frame is shown."""
    frames = np.stack([ramp(), 640 - ramp(), ramp()]).astype("<u2")
    made = thumbnail(octets(frames))
    assert made.frame == 1
    assert seen(made.octets)[0, 0, 0] > 200


def test_large_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame above the limit is refused before it is decoded; a large one below it is made smaller first."""
    whole = octets(ramp(3000, 64, step=100))
    assert seen(thumbnail(whole).octets).shape == (256, 5, 3)
    monkeypatch.setattr(making, "decoded", lambda *_: pytest.fail("decoded"))
    assert "limit of 0 MiB" in thumbnail(whole, most_of_frame=1000).reason


def test_no_name() -> None:
    """Nothing of the header is in the thumbnail or in a reason."""
    whole = octets(ramp(), PatientID="4815162")
    assert b"Musterfrau" in whole
    for given in (whole, whole[:-3000], whole.replace(b"MONOCHROME2 ", b"MUSTERFRAU  ")):
        made = thumbnail(given)
        assert not [each for each in (b"musterfrau", b"4815162") if each in made.octets.lower()]
        assert "musterfrau" not in made.reason.lower()


def test_damaged() -> None:
    """An instance that is cut anywhere, or has a wrong octet anywhere in its header, raises nothing."""
    whole = octets(ramp(8, 8), WindowCenter=3, WindowWidth=9, PixelSpacing=[1, 2])
    header = whole.index(b"\xe0\x7f\x10\0")
    for at in range(0, header, 5):
        thumbnail(whole[:at])
        thumbnail(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_bigendian.dcm",
        "image_dfl.dcm",
        "examples_ybr_color.dcm",
    ],
)
def test_deidentified(name: str) -> None:
    """De-identification keeps the header that says how an image looks: the thumbnail stays the same."""
    original = shipped(name).read_bytes()
    file = FileDeidentifier(transformer(pixels="keep"), Manifest("test", "key"), None)
    clean = b"".join(map(bytes, [*file.receive_data(original), *file.receive_end()]))
    assert clean != original
    assert thumbnail(clean) == thumbnail(original)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is no reason of an instance: it is an error."""
    with pytest.raises(FileNotFoundError):
        thumbnail(tmp_path / "absent.dcm")
