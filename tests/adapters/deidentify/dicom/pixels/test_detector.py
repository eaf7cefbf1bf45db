"""The networks of the wheel, if it is installed."""

import numpy as np
import pytest

from adapters.deidentify.dicom.pixels.detector import shared_detector
from tests.adapters.deidentify.dicom.pixels.backgrounds import black

pytest.importorskip("rapidocr_onnxruntime")


def test_once_for_a_process() -> None:
    """The networks are loaded once."""
    assert shared_detector() is shared_detector()


@pytest.mark.parametrize("times", [0.65, 1.6])
def test_finds_and_reads(times: float) -> None:
    """A line is found where it is, whatever the size, and read; in a frame without text nothing is found."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415  a library of the tests

    image = Image.new("RGB", (400, 200))
    ImageDraw.Draw(image).text((60, 80), "MUELLER 4711", fill="white", font=ImageFont.load_default(28))
    picture = np.asarray(image)
    (found,) = shared_detector().find(picture, times)
    assert 40 < found.left < 65
    assert 70 < found.top < 95
    ((text, sure),) = shared_detector().read([picture[found.top : found.bottom, found.left : found.right]])
    assert "4711" in text
    assert sure > 0.85
    assert [] == shared_detector().find(np.repeat(black(200, 400)[:, :, None], 3, axis=2), times)
