"""Covers areas of a frame with black."""

from collections.abc import Iterable

import numpy as np

from adapters.deidentify.dicom.pixels.form import Array, Form
from adapters.deidentify.dicom.pixels.search import Box


def cover(frame: Array, boxes: Iterable[Box], form: Form) -> None:
    """Make *boxes* of a frame black: the darkest value that the frame itself has, so that no window changes."""
    black = _black(frame, form)
    for left, top, right, bottom in boxes:
        if form.is_subsampled:  # two columns share a colour, so both are covered
            frame[top:bottom, left // 2 : -(-right // 2)] = black
        else:
            frame[top:bottom, left:right] = black


def _black(frame: Array, form: Form) -> Array:
    if form.palette is not None:
        return np.asarray(form.palette.sum(axis=1, dtype=np.int32).argmin(), frame.dtype)
    if form.photometric == "MONOCHROME1":
        return np.asarray(frame.max())
    if form.samples == 1:
        return np.asarray(frame.min())
    if form.is_subsampled:
        return np.array([0, 0, 128, 128], frame.dtype)
    if form.photometric == "YBR_FULL":
        middle = 1 << (form.stored - 1)
        return np.array([0, middle, middle], frame.dtype)
    return np.zeros(3, frame.dtype)
