"""Frames in colours as red, green and blue of 8 bits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.pipeline.thumbnails.errors import NoPictureError

NO_PALETTE = "its palette of colours cannot be read"
UNKNOWN = "its photometric interpretation has no rule here"
DECODED = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
"""Interpretations of three samples that pydicom gives as red, green and blue."""
GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})
PALETTE = "PALETTE COLOR"
Frame = NDArray[Any]


def is_grey(header: Any) -> bool:
    """Whether the frames are grey; raises NoPictureError for an interpretation without a rule."""
    interpretation = str(header.get("PhotometricInterpretation") or "").strip()
    if interpretation in GREY:
        return True
    if interpretation == PALETTE or interpretation in DECODED:
        return False
    raise NoPictureError(UNKNOWN)


def as_colours(frame: Frame, header: Any) -> NDArray[np.uint8]:
    """Return a frame of height by width by 3; raises NoPictureError if its palette cannot be read."""
    if str(header.PhotometricInterpretation).strip() == PALETTE:
        frame = _by_palette(frame, header)
        bits = 16 if int(frame.max()) > 255 else 8  # some write 8 bits into tables of 16 (PS3.3 C.7.6.3.1.6)
    else:
        bits = int(header.get("BitsStored") or 8)
    if frame.ndim != 3 or frame.shape[2] != 3:
        raise NoPictureError(UNKNOWN)
    return (frame >> max(0, bits - 8)).astype(np.uint8)


def _by_palette(frame: Frame, header: Any) -> Frame:
    from pydicom.pixels.processing import apply_color_lut  # noqa: PLC0415  pydicom takes 9 MiB

    try:
        coloured: Frame = apply_color_lut(frame, header)
    except Exception:  # noqa: BLE001  pydicom raises whatever it likes
        raise NoPictureError(NO_PALETTE) from None
    return coloured[:, :, :3]
