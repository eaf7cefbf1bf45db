"""Images of frames."""

import io
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.dicom.pixels import frames
from gateway.sandbox.dicom.pixels.rendering import Viewport, read_viewport, render
from gateway.sandbox.google_error import ApiError
from tests.dicom_files import make_instance, shipped

np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")


def shown(data_set: Any, viewport: Viewport | None = None) -> Any:
    """Return the values of a rendered frame."""
    return np.asarray(Image.open(io.BytesIO(render(data_set, 1, "image/png", viewport))))


@pytest.fixture
def ramp(tmp_path: Path) -> Any:
    """Return a data set of four values."""
    data_set = frames.read(make_instance(tmp_path, 1, "1", "2", rows=1, columns=4))
    data_set.PixelData = np.array([0, 100, 200, 300], "<u2").tobytes()
    return data_set


def test_range(ramp: Any) -> None:
    """Without a window the values are spread from black to white."""
    values = shown(ramp)[0]
    assert (values[0], values[3]) == (0, 255)
    assert list(values) == sorted(values)


def test_window(ramp: Any) -> None:
    """A window maps what it includes, after the rescale; what is outside is black or white."""
    ramp.WindowCenter, ramp.WindowWidth = 150, 101
    assert list(shown(ramp)[0]) == [0, 1, 255, 255]
    ramp.RescaleSlope, ramp.RescaleIntercept = 1, 100
    assert list(shown(ramp)[0]) == [1, 255, 255, 255]


def test_inverted(ramp: Any) -> None:
    """MONOCHROME1 is shown with white for the smallest value."""
    plain = shown(ramp)
    ramp.PhotometricInterpretation = "MONOCHROME1"
    assert (shown(ramp) == 255 - plain).all()


def test_constant(ramp: Any) -> None:
    """An image of one value is no division by zero."""
    ramp.PixelData = bytes(8)
    assert set(shown(ramp)[0]) == {0}


@pytest.mark.parametrize("name", ["examples_palette.dcm", "examples_rgb_color.dcm", "examples_ybr_color.dcm"])
def test_colours(name: str) -> None:
    """Palettes and YBR become RGB; both formats can be read."""
    data_set = frames.read(shipped(name))
    assert shown(data_set).ndim == 3
    assert Image.open(io.BytesIO(render(data_set, 1, "image/jpeg", None))).format == "JPEG"


def test_viewport(ramp: Any) -> None:
    """An image keeps its proportions; a region is cut out, and mirrored if its width is negative."""
    assert shown(ramp, Viewport(8, 8)).shape == (2, 8)
    half = shown(ramp, Viewport(2, 1, (2, 0, 2, 1)))
    assert list(shown(ramp, Viewport(2, 1, (2, 0, -2, 1)))[0]) == list(half[0][::-1])
    with pytest.raises(ApiError):
        shown(ramp, Viewport(2, 1, (9, 0, 2, 1)))


def test_viewports_in_requests() -> None:
    """A viewport has two or six numbers."""
    assert read_viewport("") is None
    assert read_viewport("10,20") == Viewport(10, 20)
    assert read_viewport("10,20,1,2,3,-4") == Viewport(10, 20, (1, 2, 3, -4))
    assert read_viewport("10,20,,,,") == Viewport(10, 20, (0, 0, 0, 0))
    for wrong in ("10", "x,y", "0,1", "10,20,1", "99999,1"):
        with pytest.raises(ApiError):
            read_viewport(wrong)


def test_without_the_extra(ramp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without numpy and pillow the reason names the extra."""
    monkeypatch.setattr("gateway.sandbox.dicom.pixels.rendering.find_spec", lambda _: None)
    with pytest.raises(ApiError, match="extra ocr") as raised:
        shown(ramp)
    assert raised.value.status == 501
