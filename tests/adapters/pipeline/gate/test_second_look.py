"""Text in pictures is found a second time."""

import random
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adapters.pipeline.gate import second_look as module
from adapters.pipeline.gate.second_look import NOT_LOOKED, TEXT_FOUND, TOO_LARGE, second_look
from adapters.pipeline.thumbnails.making import thumbnail
from adapters.pipeline.thumbnails.picture import webp
from tests.adapters.deidentify.dicom.pixels import backgrounds, planted
from tests.adapters.pipeline.gate.support import picture
from tests.adapters.pipeline.thumbnails.made import corpus, octets, values
from tests.dicom_files import shipped

pytest.importorskip("rapidocr_onnxruntime", reason="the extra `pipeline` is not installed")
CLEAN = ["CT_small.dcm", "MR_small.dcm", "693_J2KI.dcm", "examples_overlay.dcm"]
CLEAN_CORPUS = ["dcm4che/CT-JPEGLosslessSV1.dcm", "fo-dicom/GH1308.dcm", "suyashkumar/3.dcm"]
WITH_TEXT = ["examples_palette.dcm", "examples_jpeg2k.dcm"]


def written_on(levels: object, text: str, size: int) -> bytes:
    """Return a thumbnail with a line of text."""
    image = Image.fromarray(np.asarray(levels))
    ImageDraw.Draw(image).text((12, 12), text, fill=255, font=ImageFont.load_default(size))
    return webp(np.asarray(image), values())


@pytest.mark.parametrize("name", CLEAN)
def test_clean(name: str) -> None:
    """Real images without text pass."""
    assert second_look(thumbnail(shipped(name)).octets) == ""


@pytest.mark.parametrize("name", CLEAN_CORPUS)
def test_clean_corpus(name: str) -> None:
    """Likewise those of other systems."""
    assert second_look(thumbnail(corpus(name)).octets) == ""


@pytest.mark.parametrize("name", WITH_TEXT)
def test_real_text(name: str) -> None:
    """Real images with text do not."""
    assert second_look(thumbnail(shipped(name)).octets) == TEXT_FOUND


@pytest.mark.parametrize("size", [11, 14, 20, 32])
def test_planted(size: int) -> None:
    """A name that can be read on the thumbnail is found, on a radiograph and in colours."""
    grey = (backgrounds.radiograph(random.Random(size), 256, 256) // 20).clip(0, 200).astype(np.uint8)
    assert second_look(written_on(grey, "MUSTERFRAU^ERIKA", size)) == TEXT_FOUND
    assert second_look(written_on(np.repeat(grey[:, :, None], 3, axis=2), "born 07.03.1954", size)) == TEXT_FOUND


def test_burned_in() -> None:
    """Text that a device has written into the full frame is found on the thumbnail, if it can be read there."""
    chance = random.Random(5)
    frame, lines = planted.plant(backgrounds.ultrasound(chance, 300, 400), chance, sizes=(24, 40))
    assert lines
    made = thumbnail(octets(frame, SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1", Modality="US"))
    assert second_look(made.octets) == TEXT_FOUND


def test_large() -> None:
    """What is no thumbnail is not searched, and does not pass."""
    made = BytesIO()
    Image.new("RGB", (2000, 10)).save(made, "WEBP")
    assert second_look(made.getvalue()) == TOO_LARGE


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra no picture passes."""
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert second_look(picture()) == NOT_LOOKED
