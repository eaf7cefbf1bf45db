"""Areas are covered with what is black in each form."""

from typing import Any

import numpy as np
import pytest

from adapters.deidentify.dicom.pixels.fill import cover
from adapters.deidentify.dicom.pixels.form import Array, as_frame
from adapters.deidentify.dicom.pixels.search import Box
from tests.adapters.deidentify.dicom.pixels.test_form import made

PALETTE = np.array([[9, 9, 9], [1, 1, 1], [200, 0, 0]], np.uint8)
FORMS: dict[str, tuple[str, Array, Any, dict[str, Any]]] = {
    "grey": ("MONOCHROME2", np.array([[5, 9, 9, 9], [9, 9, 9, 9]], np.uint8), 5, {}),
    "grey, white is zero": ("MONOCHROME1", np.array([[5, 9, 9, 9], [9, 5, 9, 9]], np.uint8), 9, {}),
    "colours": ("RGB", np.full((2, 4, 3), 7, np.uint8), [0, 0, 0], {}),
    "brightness and colour": ("YBR_FULL", np.full((2, 4, 3), 7, np.uint8), [0, 128, 128], {}),
    "palette": ("PALETTE COLOR", np.full((2, 4), 2, np.uint8), 1, {"palette": PALETTE}),
}


@pytest.mark.parametrize("name", FORMS)
def test_black(name: str) -> None:
    """The area is black, the rest is as it was."""
    photometric, frame, black, more = FORMS[name]
    before = frame.copy()
    cover(frame, [Box(1, 0, 3, 1)], made(photometric, **more))
    assert [black, black] == frame[0, 1:3].tolist()
    assert (before[1] == frame[1]).all()
    assert (before[0, [0, 3]] == frame[0, [0, 3]]).all()


def test_shared_colours() -> None:
    """If two columns share a colour, both are covered."""
    octets = bytearray([10, 20, 30, 40] * 4)
    form = made("YBR_FULL_422")
    cover(as_frame(octets, form), [Box(1, 0, 2, 1)], form)
    assert [0, 0, 128, 128, 10, 20, 30, 40] == list(octets[:8])
