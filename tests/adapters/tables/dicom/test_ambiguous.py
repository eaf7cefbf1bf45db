"""Elements with several possible representations."""

import pytest

from adapters.tables.dicom.ambiguous import BITS, LUT_DATA, LUT_DESCRIPTOR, is_ambiguous, resolved
from adapters.tables.dicom.data_set import Element


def test_is_ambiguous() -> None:
    """PS3.6 writes them with `or`."""
    assert (True, False) == (is_ambiguous("US or SS"), is_ambiguous("US"))


@pytest.mark.parametrize(
    ("tag", "vr", "representation", "json", "expected"),
    [
        (0x00280106, "US or SS", None, {}, "US"),
        (0x00280106, "US or SS", 0, {}, "US"),
        (0x00280106, "US or SS", 1, {}, "SS"),
        (LUT_DATA, "US or OW", 0, {LUT_DESCRIPTOR: {"vr": "US", "Value": [1, 0, 8]}}, "US"),
        (LUT_DATA, "US or OW", 0, {LUT_DESCRIPTOR: {"vr": "US", "Value": [256, 0, 8]}}, "OW"),
        (LUT_DATA, "US or OW", 0, {}, "OW"),
        (0x54001010, "OB or OW", 0, {BITS: {"vr": "US", "Value": [8]}}, "OB"),
        (0x54001010, "OB or OW", 0, {BITS: {"vr": "US", "Value": [16]}}, "OW"),
        (0x60003000, "OB or OW", 0, {}, "OW"),
    ],
)
def test_resolved(tag: int, vr: str, representation: int | None, json: dict[str, Element], expected: str) -> None:
    """The elements before it decide."""
    assert expected == resolved(tag, vr, False, representation, json)


def test_implicit_waveforms() -> None:
    """In an implicit data set waveforms are words (PS3.5 A.1)."""
    assert "OW" == resolved(0x54001010, "OB or OW", True, 0, {BITS: {"vr": "US", "Value": [8]}})
