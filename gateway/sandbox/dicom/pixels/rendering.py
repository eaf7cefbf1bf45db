"""A frame as an image that people can look at: JPEG or PNG of 8 bits (PS3.18 10.4.1.1.3, PS3.4 N.2).

Rescale or modality LUT, then the first VOI window or LUT of the instance; without one, the range of all but half a
percent of the values at either end. MONOCHROME1 is inverted, a palette is looked up.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from pydicom.dataset import Dataset

from gateway.sandbox.dicom.pixels.frames import image, quiet
from gateway.sandbox.google_error import ApiError

FORMATS: Mapping[str, str] = {"image/jpeg": "JPEG", "image/png": "PNG"}
MISSING = "rendering needs numpy and pillow: install Hilum with its extra ocr"
LARGEST_SIDE = 8192


@dataclass(frozen=True, slots=True)
class Viewport:
    """The size of the image, and the region of the frame that it shows; without a region the whole frame."""

    width: int
    height: int
    region: tuple[int, int, int, int] | None = None
    """Left, top, width, height; a negative size mirrors."""


def read_viewport(text: str) -> Viewport | None:
    """Return the viewport ``vw,vh[,sx,sy,sw,sh]`` of PS3.18 8.3.5.1.3; raises a 400 if it is none."""
    if not text:
        return None
    try:
        numbers = [int(each) if each else 0 for each in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in {2, 6} or not all(1 <= each <= LARGEST_SIDE for each in numbers[:2]):
        raise ApiError(400, f"viewport needs the form vw,vh[,sx,sy,sw,sh], of at most {LARGEST_SIDE}")
    if len(numbers) == 2:
        return Viewport(numbers[0], numbers[1])
    return Viewport(numbers[0], numbers[1], (numbers[2], numbers[3], numbers[4], numbers[5]))


def check_installed() -> None:
    """Raise a 501 if what draws images is not installed."""
    if find_spec("numpy") is None or find_spec("PIL") is None:
        raise ApiError(501, MISSING)


def render(data_set: Dataset, number: int, media_type: str, viewport: Viewport | None) -> bytes:
    """Return a frame as an image. Does blocking work."""
    check_installed()
    picture = _picture(_gray_or_colour(data_set, image(data_set, number)), viewport)
    written = io.BytesIO()
    picture.save(written, FORMATS[media_type])
    return written.getvalue()


def _gray_or_colour(data_set: Dataset, frame: Any) -> Any:
    """Return a frame as values of 8 bits."""
    import numpy as np  # noqa: PLC0415  of an extra
    from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut  # noqa: PLC0415

    kind = data_set.PhotometricInterpretation
    with quiet():
        if kind == "PALETTE COLOR":
            found = apply_color_lut(frame, data_set)
            return (found >> 8).astype(np.uint8) if found.dtype.itemsize > 1 else found
        if frame.ndim == 3:
            return frame if frame.dtype == np.uint8 else _scaled(frame.astype(np.float64), frame.min(), frame.max())
        values = apply_modality_lut(frame, data_set)
        if "WindowCenter" in data_set or "VOILUTSequence" in data_set:
            values = apply_voi_lut(values, data_set)
            low, high = _range_of_window(data_set, values)
        else:
            low, high = np.percentile(values, [0.5, 99.5])
        found = _scaled(values.astype(np.float64), low, high)
        return 255 - found if kind == "MONOCHROME1" else found


def _range_of_window(data_set: Dataset, values: Any) -> tuple[float, float]:
    """Return the range that a window or LUT maps to: that of its output, not of the values that occur."""
    if "VOILUTSequence" in data_set:
        bits = int(data_set.VOILUTSequence[0].LUTDescriptor[2])
        return 0.0, float(2**bits - 1)
    return _window_output(data_set) or (float(values.min()), float(values.max()))


def _window_output(data_set: Dataset) -> tuple[float, float] | None:
    """Return the range into which pydicom's windowing maps: all stored values after the rescale (PS3.3 C.11.2.1.2)."""
    if data_set.get("ModalityLUTSequence"):
        return 0.0, float(2 ** int(data_set.ModalityLUTSequence[0].LUTDescriptor[2]) - 1)
    bits, slope = int(data_set.BitsStored), float(data_set.get("RescaleSlope", 1))
    intercept = float(data_set.get("RescaleIntercept", 0))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if data_set.PixelRepresentation else (0, 2**bits - 1)
    return low * slope + intercept, high * slope + intercept


def _scaled(values: Any, low: float, high: float) -> Any:
    import numpy as np  # noqa: PLC0415  of an extra

    span = float(high) - float(low)
    if not span:
        return np.full(values.shape, 0, np.uint8)
    return np.clip((values - float(low)) * (255.0 / span) + 0.5, 0, 255).astype(np.uint8)


def _picture(values: Any, viewport: Viewport | None) -> Any:
    from PIL import Image, ImageOps  # noqa: PLC0415  of an extra

    picture = Image.fromarray(values)
    if viewport is None:
        return picture
    if viewport.region is not None:
        left, top, width, height = viewport.region
        wide, high = abs(width) or picture.width - left, abs(height) or picture.height - top
        right, bottom = min(left + wide, picture.width), min(top + high, picture.height)
        if not (0 <= left < right and 0 <= top < bottom):
            raise ApiError(400, "the region of the viewport is outside of the frame")
        picture = picture.crop((left, top, right, bottom))
        picture = ImageOps.mirror(picture) if width < 0 else picture
        picture = ImageOps.flip(picture) if height < 0 else picture
    return ImageOps.contain(picture, (viewport.width, viewport.height))
