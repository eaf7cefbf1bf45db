"""Grey frames become 8 bits by the rules of PS3.3 C.11, or by what they show."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut, apply_windowing
from pydicom.sequence import Sequence

from adapters.pipeline.thumbnails.errors import NoPictureError
from adapters.pipeline.thumbnails.frame_values import FrameValues
from adapters.pipeline.thumbnails.grey import as_levels
from tests.adapters.pipeline.thumbnails.made import data_set, ramp, values

RAMP = ramp(8, 256, "<i2", 8)


def lut(descriptor: list[int], entries: list[int]) -> Sequence:
    """Return a table as a sequence."""
    item = Dataset()
    item.add_new(0x00283002, "US", descriptor)
    item.add_new(0x00283006, "OW", np.array(entries, "<u2").tobytes())
    return Sequence([item])


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID", None])
@pytest.mark.parametrize(("slope", "intercept"), [(1, -1024), (2, 0), (0.5, 100)])
def test_window(function: str | None, slope: float, intercept: float) -> None:
    """The window gives what pydicom's own function gives, to one level."""
    header = data_set(RAMP, RescaleSlope=slope, RescaleIntercept=intercept, WindowCenter=[40, 1], WindowWidth=[400, 1])
    if function:
        header.VOILUTFunction = function
    theirs = apply_windowing(apply_modality_lut(RAMP, header), header)
    least, most = -(2**15) * slope + intercept, (2**15 - 1) * slope + intercept  # pydicom's range of output
    expected = (theirs - least) / (most - least) * 255
    assert np.abs(expected - as_levels(RAMP, FrameValues(header, 0))).max() <= 1


def test_table() -> None:
    """A VOI LUT goes before a window, and does what pydicom's own function does."""
    frame = ramp(8, 256, "<i2", 1)
    header = data_set(frame, WindowCenter=40, WindowWidth=400)
    header.VOILUTSequence = lut([4, 100, 16], [0, 65535, 30000, 100])
    theirs = apply_voi_lut(frame, header, prefer_lut=True)
    assert np.abs(theirs / 65535 * 255 - as_levels(frame, FrameValues(header, 0))).max() <= 1


def test_modality_table() -> None:
    """A modality's table takes the place of slope and intercept."""
    header = data_set(RAMP, RescaleSlope=9, RescaleIntercept=9, WindowCenter=500, WindowWidth=1001)
    header.ModalityLUTSequence = lut([3, 0, 16], [0, 500, 1000])
    shown = as_levels(ramp(1, 4, "<i2", 1), FrameValues(header, 0))
    assert shown.tolist() == [[0, 127, 255, 255]]


@pytest.mark.parametrize(
    "broken", [lut([4, 0, 16], [1]), lut([4, 0, 0], [1, 2, 3, 4]), Sequence([Dataset()]), Sequence([])]
)
def test_broken_table(broken: Sequence) -> None:
    """A table that is shorter than it says, or none at all, is passed over."""
    header = data_set(RAMP)
    header.VOILUTSequence = broken
    assert np.array_equal(as_levels(RAMP, FrameValues(header, 0)), as_levels(RAMP, values()))


def test_percentiles() -> None:
    """Without a window all but the brightest and the darkest 0.5 % of the pixels differ from black and white."""
    frame = ramp(100, 1000, "<u2", 1).copy()
    frame[0, 0] = 60000
    shown = as_levels(frame, values())
    assert (shown[5, 0], shown[5, 999]) == (0, 255)
    assert 100 < shown[5, 500] < 155


def test_padding() -> None:
    """Padding does not count."""
    frame = np.full((100, 100), -2000, "<i2")
    frame[40:60, 40:60] = np.arange(400).reshape(20, 20)
    without = as_levels(frame, values(PixelPaddingValue=-2000, RescaleSlope=2, RescaleIntercept=10))
    assert without[40, 40] == 0
    assert 100 < without[50, 40] < 155
    assert as_levels(frame, values())[40, 40] > 200


def test_inverted() -> None:
    """In MONOCHROME1 the highest value is black."""
    shown = as_levels(RAMP, values(PhotometricInterpretation="MONOCHROME1"))
    assert np.array_equal(255 - shown, as_levels(RAMP, values()))
    assert (shown[0, 0], shown[0, -1]) == (255, 0)


@pytest.mark.parametrize(
    "window",
    [(99999, 10), (40, 0), (40, -5), (float("nan"), 10), (None, 10)],
)
def test_useless_window(window: tuple[Any, Any]) -> None:
    """A window in which everything is black, or which is none, does not count."""
    centre, width = window
    shown = as_levels(RAMP, values(WindowCenter=centre, WindowWidth=width))
    assert np.array_equal(shown, as_levels(RAMP, values()))


def test_blank() -> None:
    """A frame of one value has no thumbnail; one single other pixel is enough."""
    frame = np.full((300, 300), 7, "<u2")
    with pytest.raises(NoPictureError):
        as_levels(frame, values(WindowCenter=1, WindowWidth=2))
    frame[1, 1] = 8
    assert as_levels(frame, values())[1, 1] == 255
