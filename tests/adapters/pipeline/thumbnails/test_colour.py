"""Colours of 8 bits, from palettes and from more bits."""

import numpy as np
import pytest

from adapters.pipeline.thumbnails.colour import NO_PALETTE, UNKNOWN, as_colours, is_grey
from adapters.pipeline.thumbnails.errors import NoPictureError
from tests.adapters.pipeline.thumbnails.made import data_set, ramp

NUMBERS = ramp(2, 4, "u1", 1)


def with_palette(bits: int, factor: int, count: int = 4) -> object:
    """Return a header with a palette: red as the number times *factor*, no green, blue always the most."""
    header = data_set(NUMBERS, PhotometricInterpretation="PALETTE COLOR")
    for name, entries in (("Red", np.arange(4) * factor), ("Green", np.zeros(4)), ("Blue", np.full(4, 3 * factor))):
        setattr(header, f"{name}PaletteColorLookupTableDescriptor", [count, 0, bits])
        setattr(header, f"{name}PaletteColorLookupTableData", entries.astype("<u2").tobytes())
    return header


def test_palette() -> None:
    """Of 16 bits the upper 8 count; where only 8 are used in 16, these do."""
    wide = as_colours(NUMBERS, with_palette(16, 256 * 20))
    assert wide[0].tolist() == [[0, 0, 60], [20, 0, 60], [40, 0, 60], [60, 0, 60]]
    assert np.array_equal(as_colours(NUMBERS, with_palette(16, 20)), wide)


def test_broken_palette() -> None:
    """A palette that is missing is a reason."""
    header = data_set(NUMBERS, PhotometricInterpretation="PALETTE COLOR")
    with pytest.raises(NoPictureError, match=NO_PALETTE):
        as_colours(NUMBERS, header)


def test_deep_colours() -> None:
    """Of more than 8 bits the upper 8 of those that are stored count."""
    frame = np.array([[[4095, 0, 2048]]], "<u2")
    assert as_colours(frame, data_set(frame, BitsStored=12)).tolist() == [[[255, 0, 128]]]
    assert as_colours(frame.astype("u1"), data_set(frame.astype("u1"))).tolist() == [[[255, 0, 0]]]


def test_interpretations() -> None:
    """Grey and colours are told apart; an interpretation without a rule is a reason."""
    assert is_grey({"PhotometricInterpretation": "MONOCHROME1"})
    assert not is_grey({"PhotometricInterpretation": "YBR_FULL_422"})
    assert not is_grey({"PhotometricInterpretation": "PALETTE COLOR"})
    for each in ({}, {"PhotometricInterpretation": "HSV"}):
        with pytest.raises(NoPictureError, match=UNKNOWN):
            is_grey(each)
    with pytest.raises(NoPictureError, match=UNKNOWN):
        as_colours(NUMBERS, data_set(NUMBERS, PhotometricInterpretation="RGB"))
