"""The second look: each picture that is to be published is searched for text once more, as it will be seen."""

from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from typing import Any

TEXT_FOUND = "text was found in its picture"
NOT_LOOKED = "its picture could not be searched for text: install hilum[pipeline]"
LARGEST = 1024
"""Pixels of a side; a thumbnail has 256."""
TOO_LARGE = "its picture is larger than a thumbnail"
GREY = 8
"""Levels by which red, green and blue of a grey picture may differ after WebP: it is then looked at like a grey one."""
Look = Callable[[bytes], str]
"""Returns why a picture may not pass; empty if it may."""


def second_look(octets: bytes) -> str:
    """Return why a WebP picture may not pass; empty if no text is seen in it. A pure function, which takes 0.5 s."""
    if find_spec("rapidocr_onnxruntime") is None or find_spec("PIL") is None:
        return NOT_LOOKED
    from adapters.deidentify.dicom.pixels.detector import shared_detector  # noqa: PLC0415  only with the extra
    from adapters.deidentify.dicom.pixels.search import text_in  # noqa: PLC0415  likewise

    frame = _frame(octets)
    if frame is None:
        return TOO_LARGE
    return TEXT_FOUND if text_in(frame, shared_detector()) else ""


def _frame(octets: bytes) -> Any:
    """Return the pixels: height by width in grey, or by 3 in colours; None for a picture that is too large."""
    import numpy as np  # noqa: PLC0415  likewise
    from PIL import Image  # noqa: PLC0415  likewise

    with Image.open(BytesIO(octets), formats=["WEBP"]) as image:
        if max(image.size) > LARGEST:
            return None
        colours = np.asarray(image.convert("RGB"))
    is_grey = bool((np.ptp(colours, axis=2) < GREY).all())
    return colours[:, :, 1] if is_grey else colours
